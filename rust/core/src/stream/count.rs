//! Counts the use of a stream, once, however it ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::http::request::Request;
use crate::usage::Told;

/// What is counted when the stream is over.
#[derive(Debug)]
pub(super) struct Count {
    open: Mutex<Option<Open>>,
}

/// The count of a stream that is not over.
struct Open {
    request: Request,
    /// What was told of its use; None as long as no answer has begun.
    told: Option<Told>,
}

impl Count {
    pub fn of(request: &Request) -> Count {
        let request = request.clone();
        Count {
            open: Mutex::new(Some(Open {
                request,
                told: None,
            })),
        }
    }

    /// An answer has begun.
    pub fn begin(&self) {
        if let Some(open) = &mut *self.open() {
            open.told.get_or_insert_with(Told::default);
        }
    }

    /// The answer told so much of its use.
    pub fn note(&self, told: &Told) {
        if let Some(open) = &mut *self.open() {
            match &mut open.told {
                // This is all that changes with most events.
                Some(known) if known.is_like(told) => known.pieces = told.pieces,
                known => *known = Some(told.clone()),
            }
        }
    }

    /// The stream is over.
    pub fn end(&self) {
        let open = self.open().take();
        if let Some(Open {
            request,
            told: Some(told),
        }) = open
        {
            request.count_use(told);
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
