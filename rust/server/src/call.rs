//! A request for an operation.

use std::time::Instant;

use tokio::sync::watch;

use crate::answer::LastBytes;
use crate::api_error::ApiError;
use crate::operations::Operation;
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::request::Request;
use crate::scripted::ChatMessage;
use crate::store::Store;
use crate::Options;

/// Responds to an operation.
pub(crate) type Handler = fn(&mut Call) -> Result<Reply, ApiError>;

/// A valid request: it has a key and all required fields.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// The path arguments, percent-decoded.
    arguments: Vec<String>,
    pub(crate) query: Parameters,
    pub(crate) body: Parameters,
    /// A scripted message of the model.
    pub(crate) message: Option<ChatMessage>,
    pub(crate) options: &'a Options,
    pub(crate) store: &'a mut Store,
    pub(crate) now: Instant,
    /// The channel that announces a cancellation of the response.
    pub(crate) cancelled: Option<watch::Receiver<LastBytes>>,
}

/// Changes to the body of a request before it is parsed.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    /// The model named by the URL, if any.
    pub(crate) model: Option<&'a str>,
    /// The fields that the server ignores.
    pub(crate) ignored: &'static [&'static str],
}

impl<'a> Call<'a> {
    /// Parses a request for this operation.
    pub(crate) fn parse(
        operation: &Operation,
        arguments: Vec<String>,
        changes: &Changes<'_>,
        request: &'a Request,
        options: &'a Options,
        store: &'a mut Store,
    ) -> Result<Call<'a>, ApiError> {
        let query = Parameters::of_query(&request.head.target);
        let mut body = match operation.body {
            "" => Parameters::default(),
            // If no field is required, the body may be missing.
            _ if request.body.length == 0 && operation.required.is_empty() => Parameters::default(),
            _ => Parameters::of_body(request)?,
        };
        if let Some(model) = changes.model {
            body.set("model", model.into());
        }
        for name in changes.ignored {
            body.leave_out(name);
        }
        let given = if operation.body.is_empty() {
            &query
        } else {
            &body
        };
        for name in &operation.required {
            given.require(name)?;
        }
        Ok(Call {
            request,
            arguments,
            query,
            body,
            message: None,
            options,
            store,
            now: Instant::now(),
            cancelled: None,
        })
    }

    /// The path argument at this index.
    pub(crate) fn argument(&self, index: usize) -> String {
        self.arguments.get(index).cloned().unwrap_or_default()
    }
}
