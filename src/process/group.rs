//! The group of a program and of everything that it started: ended as a whole.

use tokio::process::Child;

/// A group of processes. Dropping it ends what is left of it, at once.
pub struct Group {
    /// Its id, which is that of the program.
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    /// Returns the group that a program leads.
    pub fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            id: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    /// Asks every process to end.
    pub fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Lets go of it: what is left of it goes on.
    pub fn release(mut self) {
        self.id = None;
    }

    /// Sends a signal to every process.
    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(id) = self.id {
            // A group that is gone already is what is wanted.
            let _gone = rustix::process::kill_process_group(id, signal);
        }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        self.signal(rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
impl Group {
    /// There are no groups here; the program itself ends with its handle.
    pub fn of(_child: &Child) -> Self {
        Self {}
    }

    /// There is no way to ask.
    pub fn terminate(&self) {}

    /// There is nothing to let go of.
    pub fn release(self) {}
}
