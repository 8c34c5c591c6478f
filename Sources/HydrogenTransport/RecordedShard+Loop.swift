import HydrogenRecording

/// A loop whose inputs are written down.
extension RecordedShard: LoopCore {
    package static var trampolines: LoopTrampolines {
        unsafe LoopTrampolines(
            callback: { wsi, reason, user, input, count in
                unsafe EventLoop<RecordedShard>.called(wsi, reason, user, input, count)
            },
            watcher: { watcher in unsafe EventLoop<RecordedShard>.watcherFired(watcher) },
            maskWatcher: { watcher in unsafe EventLoop<RecordedShard>.maskWatcherFired(watcher) })
    }
}
