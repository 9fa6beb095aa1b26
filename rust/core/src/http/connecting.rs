//! Measures how long connections take to establish, for the record of the call that waits for them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tower_layer::Layer;
use tower_service::Service;

use crate::call_record::CallRecord;

tokio::task_local! {
    /// The record of the call whose request is being sent. It is not set for a connection that
    /// continues in the background because another one became free first.
    static CALL: Arc<CallRecord>;
}

/// Sends a request and records the connection that is established for it.
pub(crate) fn noting_connections<F: Future>(
    record: &Arc<CallRecord>,
    sending: F,
) -> impl Future<Output = F::Output> {
    CALL.scope(Arc::clone(record), sending)
}

/// The layer that adds `NotingConnector`.
#[derive(Clone)]
pub(crate) struct Noting;

impl<S> Layer<S> for Noting {
    type Service = NotingConnector<S>;

    fn layer(&self, inner: S) -> NotingConnector<S> {
        NotingConnector(inner)
    }
}

/// A connector that records its activity.
#[derive(Clone)]
pub(crate) struct NotingConnector<S>(S);

type Connecting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

impl<S, R> Service<R> for NotingConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Connecting<S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.0.call(request);
        Box::pin(async move {
            let began = Instant::now();
            // Fails if no call waits for the connection.
            let _ = CALL.try_with(|record| record.connecting());
            let connection = connecting.await?;
            let _ = CALL.try_with(|record| record.connected(began.elapsed()));
            Ok(connection)
        })
    }
}
