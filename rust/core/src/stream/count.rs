//! Records the usage of a stream once, however it ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::http::request::Request;
use crate::usage::ReportedUsage;

/// The usage, recorded when the stream ends.
#[derive(Debug)]
pub(super) struct Count {
    open: Mutex<Option<Open>>,
}

/// The usage of an open stream.
struct Open {
    request: Request,
    /// The usage reported so far; `None` if no answer has started.
    reported: Option<ReportedUsage>,
}

impl Count {
    pub fn of(request: &Request) -> Count {
        let request = request.clone();
        Count {
            open: Mutex::new(Some(Open {
                request,
                reported: None,
            })),
        }
    }

    /// An answer has started.
    pub fn begin(&self) {
        if let Some(open) = &mut *self.open() {
            open.reported.get_or_insert_with(ReportedUsage::default);
        }
    }

    /// Notes the usage reported so far.
    pub fn note(&self, reported: &ReportedUsage) {
        if let Some(open) = &mut *self.open() {
            match &mut open.reported {
                // For most events, this is the only change.
                Some(known) if known.is_like(reported) => known.pieces = reported.pieces,
                known => {
                    if let Some(id) = &reported.id {
                        open.request.record.named(id);
                    }
                    *known = Some(reported.clone());
                }
            }
        }
    }

    /// The stream has ended.
    pub fn end(&self) {
        let open = self.open().take();
        if let Some(Open {
            request,
            reported: Some(reported),
        }) = open
        {
            request.count_use(reported);
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Open").finish_non_exhaustive()
    }
}
