//! Waiting until a point in time, as exactly as the system allows.
//!
//! tokio's own timer rounds up to its next millisecond and then some, 1.1 to 1.6 ms late at the median; a timer
//! descriptor wakes the reactor within 0.02 ms. Where there is none, tokio's timer has to do.

use std::io;

use probetop_core::clock::{Clock, Timestamp};

#[cfg(target_os = "linux")]
pub use linux::Timer;
#[cfg(not(target_os = "linux"))]
pub use portable::Timer;

#[cfg(target_os = "linux")]
mod linux {
    use super::*;

    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    /// A timer of the kernel, read through the reactor.
    #[derive(Debug)]
    pub struct Timer {
        fd: AsyncFd<OwnedFd>,
        clock: Clock,
    }

    impl Timer {
        /// Needs a runtime with its I/O driver on. Fails when no descriptor is left.
        pub fn try_new(clock: Clock) -> io::Result<Self> {
            let fd = timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?;
            #[allow(
                unsafe_code,
                reason = "tokio offers no safe way to register a descriptor of this kind"
            )]
            // SAFETY: an `OwnedFd` is open and names the same descriptor until the `AsyncFd` that owns it is dropped.
            let fd = unsafe { AsyncFd::register(fd) }?;
            Ok(Self { fd, clock })
        }

        /// Returns once `at` has come; never earlier.
        pub async fn sleep_until(&self, at: Timestamp) -> io::Result<()> {
            loop {
                let left = at.since(self.clock.now());
                if left.is_zero() {
                    return Ok(());
                }
                self.arm(left)?;
                let mut ready = self.fd.readable().await?;
                // Reading takes the expiry away; losing that race to a disarmed timer is no error.
                let _ = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut [0; 8])?));
                // There is nothing more to read until the timer is set again. Without this every second wait would find the
                // descriptor ready by what it was told before, set the timer and read it in vain, and begin anew.
                ready.clear_ready();
            }
        }

        fn arm(&self, left: Duration) -> io::Result<()> {
            let value = Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            let once = Itimerspec {
                it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: value,
            };
            timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use super::*;

    /// tokio's timer.
    #[derive(Debug)]
    pub struct Timer {
        clock: Clock,
    }

    impl Timer {
        pub fn try_new(clock: Clock) -> io::Result<Self> {
            Ok(Self { clock })
        }

        /// Returns once `at` has come; never earlier.
        pub async fn sleep_until(&self, at: Timestamp) -> io::Result<()> {
            tokio::time::sleep_until(self.clock.instant(at).into()).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    #[tokio::test]
    async fn a_timer_is_never_early_and_can_be_armed_again() {
        let clock = Clock::system();
        let timer = Timer::try_new(clock.clone()).unwrap();
        for _ in 0..3 {
            let at = clock.now() + Duration::from_millis(2);
            timer.sleep_until(at).await.unwrap();
            assert!(clock.now() >= at);
        }
        timer.sleep_until(Timestamp::ZERO).await.unwrap();
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_does_not_disturb_the_next() {
        let clock = Clock::system();
        let timer = Timer::try_new(clock.clone()).unwrap();
        tokio::select! {
            biased;
            _ = timer.sleep_until(clock.now() + Duration::from_secs(3600)) => unreachable!("an hour has not passed"),
            () = tokio::task::yield_now() => {}
        }
        let at = clock.now() + Duration::from_millis(1);
        timer.sleep_until(at).await.unwrap();
        assert!(clock.now() >= at);
    }
}
