//! What clients observe of the server, over real sockets.

mod assistants;
mod assistants_support;
mod batches;
mod built_in_tools;
mod chat;
mod completions;
mod conversations;
mod dialects;
mod embeddings;
mod endings;
mod files;
mod framing;
mod journal;
mod lifecycle;
mod media;
mod moderations;
mod requests;
mod responses;
mod responses_background;
mod routes;
mod runs;
mod runs_streamed;
mod runs_with_tools;
mod skeletons;
mod support;
mod vector_stores;
