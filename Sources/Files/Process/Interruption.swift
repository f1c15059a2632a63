internal import CLinux

/// The signals by which somebody asks a process to end: INT, TERM, HUP and QUIT.
package enum Interruption {
    /// True when one has come since this process first started another.
    package static var hasCome: Bool { larder_interruption() != 0 }

    /// Ends this process by the one that has come, as it would have ended without a handler.
    package static func endIfItHasCome() {
        let signal = larder_interruption()
        if signal != 0 { larder_end_by(signal) }
    }

    /// Lets them end this process again, as before it started another: what it still does is for nobody but itself.
    package static func mayEndUs() { larder_stop_passing_on() }

    /// Keeps them waiting until ``release()``; not nested.
    package static func hold() { larder_hold_signals(1) }

    /// True when one has come since ``hold()`` that would end this process.
    package static var isWaiting: Bool { larder_signal_waits() != 0 }

    /// Lets them come as before; one that waited comes at once.
    package static func release() { larder_hold_signals(0) }
}
