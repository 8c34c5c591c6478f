import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

extension EventLoop where Core: ~Copyable {
    /// Does what the core wants done. After every call of the core, and never inside of one.
    func performEffects() {
        while self.core.hasEffects, let effect = self.core.nextEffect() { self.perform(effect) }
        self.supplyEntropy()
        if self.core.isFlushDue { self.flush() }
    }

    /// Writes what is due before the end of the pass.
    func flush() {
        self.core.flush(at: self.now()) { id, bytes in self.write(bytes, to: id) }
        while self.core.hasEffects, let effect = self.core.nextEffect() { self.perform(effect) }
    }

    private func perform(_ effect: consuming Effect) {
        switch consume effect {
        case .requestWritable(let id):
            guard self.table.holds(id), let wsi = unsafe self.table[id.slot].wsi else { return }
            unsafe lws_callback_on_writable(wsi)
        case .close(let id, let code, let reason):
            self.note(.closeAsked, on: id)
            self.askClose(id, code: code.rawValue, reason: reason)
        case .abort(let id):
            guard self.table.holds(id) else { return }
            self.table[id.slot].end = .aborted
            self.condemned.append(id)
        case .post(let mail, let index):
            if !self.loops[index].post(mail) { self.delegate.fault(self.handle.index, .mailLost(to: index)) }
        case .dispatch(let request):
            self.delegate.dispatch(request)
        case .store(let batch):
            self.delegate.store(batch)
        case .published(let number, let outcome):
            self.delegate.published(number, outcome)
        case .log(let record):
            if case .programmingError(_, let text) = record { assertionFailure(text) }
            self.delegate.log(record)
        case .drained:
            self.delegate.drained(self.handle.index)
        }
    }

    /// Starts the closing handshake, as soon as lws holds no unsent bytes.
    func askClose(_ id: ConnectionID, code: UInt16, reason: ErrorCode?) {
        guard self.table.holds(id) else { return }
        switch self.table[id.slot].phase {
        case .open:
            self.table[id.slot].phase = .closeAsked
            self.table[id.slot].closeCode = code
            self.table[id.slot].closeReason = reason
            if let wsi = unsafe self.table[id.slot].wsi { unsafe lws_callback_on_writable(wsi) }
        case .handshake:
            // There is no WebSocket yet that a close frame could go to.
            self.condemned.append(id)
        case .answered, .closeAsked, .closing:
            return  // It ends already.
        }
    }

    /// Writes whole frames.
    func write(_ bytes: Span<UInt8>, to id: ConnectionID) -> WriteOutcome {
        guard self.table.holds(id), let wsi = unsafe self.table[id.slot].wsi else { return .failed }
        switch self.table[id.slot].phase {
        case .open:
            break
        case .handshake, .answered, .closeAsked, .closing:
            return .failed
        }
        self.noteWrite(to: id)
        if unsafe lws_partial_buffered(wsi) != 0 {
            unsafe lws_callback_on_writable(wsi)
            return .choked
        }
        let written = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe hydrogen_write(wsi, buffer.baseAddress, buffer.count)
        }
        if written < 0 {
            self.table[id.slot].phase = .closing
            self.condemned.append(id)
            return .failed
        }
        return .taken
    }

    /// Ends the connections that are to be ended at once. Only from our own watchers: never inside of a callback of
    /// the connection that ends.
    func executeCondemned() {
        let condemned = self.condemned
        self.condemned = []
        for id in condemned {
            guard self.table.holds(id), let wsi = unsafe self.table[id.slot].wsi else { continue }
            self.table[id.slot].phase = .closing
            unsafe hydrogen_kill(wsi)
            // lws keeps a connection for the bytes that it could not send yet.
            if self.table.holds(id) { unsafe hydrogen_sever(wsi) }
        }
    }

    /// The transport is gone: the core is told, once.
    func transportEnded(_ id: ConnectionID) {
        guard self.table.holds(id) else { return }
        self.stopMaskCheck(id)
        var end = self.table[id.slot].end
        if unsafe self.table[id.slot].wsi == nil, hydrogen_adoption_refused() { end = .tls }
        self.note(.transportEnded, on: id)
        self.table[id.slot] = .none
        self.core.transportEnded(id, end, at: self.now())
        self.performEffects()
    }
}
