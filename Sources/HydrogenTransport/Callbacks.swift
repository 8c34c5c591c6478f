import CLibev
import CLibwebsockets
import HydrogenShard

/// The C functions through which lws and libev come back to a loop. They name their core's type, so that everything
/// behind them is compiled for it; and they stand here, since a callback at the top of `main.swift` would belong to
/// the main actor.
@safe package struct LoopTrampolines {
    package typealias Callback = @convention(c) (
        OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
    ) -> Int32
    package typealias Watcher = @convention(c) (UnsafeMutablePointer<hydrogen_watcher>?) -> Void

    /// Every callback of lws.
    let callback: Callback
    /// Every watcher of `LoopWatchers`.
    let watcher: Watcher
    /// The watcher of a first frame.
    let maskWatcher: Watcher

    package init(callback: Callback, watcher: Watcher, maskWatcher: Watcher) {
        unsafe self.callback = callback
        unsafe self.watcher = watcher
        unsafe self.maskWatcher = maskWatcher
    }
}

extension Shard {
    package static var trampolines: LoopTrampolines {
        unsafe LoopTrampolines(
            callback: { wsi, reason, user, input, count in
                unsafe EventLoop<Shard>.called(wsi, reason, user, input, count)
            },
            watcher: { watcher in unsafe EventLoop<Shard>.watcherFired(watcher) },
            maskWatcher: { watcher in unsafe EventLoop<Shard>.maskWatcherFired(watcher) })
    }
}

extension EventLoop where Core: ~Copyable {
    /// lws calls.
    package static func called(
        _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
        _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        guard let wsi = unsafe wsi, let owner = unsafe lws_context_user(lws_get_context(wsi)) else { return 0 }
        return unsafe Unmanaged<EventLoop<Core>>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
            unsafe loop.handle(wsi, reason, user, input, count)
        }
    }

    /// libev calls.
    package static func watcherFired(_ watcher: UnsafeMutablePointer<hydrogen_watcher>?) {
        guard let watcher = unsafe watcher, let owner = unsafe watcher.pointee.owner,
            let watch = unsafe LoopWatch(rawValue: watcher.pointee.tag)
        else { return }
        unsafe Unmanaged<EventLoop<Core>>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
            switch watch {
            case .wake: loop.wokeUp()
            case .deadline: loop.deadlineCame()
            case .endOfPass: loop.endPass()
            case .listener: loop.accept(from: unsafe watcher.pointee.libev.io.fd)
            case .resumeAccepting: loop.watchers.startAccepting()
            }
        }
    }

    /// libev calls: the first bytes after the handshake arrived.
    package static func maskWatcherFired(_ watcher: UnsafeMutablePointer<hydrogen_watcher>?) {
        guard let watcher = unsafe watcher, let owner = unsafe watcher.pointee.owner else { return }
        let bits = unsafe watcher.pointee.tag
        unsafe Unmanaged<EventLoop<Core>>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
            loop.checkMask(.init(bits: bits))
        }
    }
}
