//! The benchmark's client that uses async-openai.

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
};
use async_openai::types::embeddings::{
    CreateEmbeddingRequest, CreateEmbeddingRequestArgs, EncodingFormat,
};
use async_openai::types::responses::{CreateResponseArgs, ResponseStreamEvent};
use async_openai::Client;
use bench_measure::{measure, Job, Result};
use futures::{stream, StreamExt, TryStreamExt};

const MAX_ACTIVE: usize = 100;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    measure(|task, job| {
        let config = OpenAIConfig::new()
            .with_api_base(&job.url)
            .with_api_key("sk-bench");
        let client = Client::with_config(config);
        runtime.block_on(async {
            match task {
                "stream" => read_stream(&client).await,
                "response" => read_response(&client).await,
                "embeddings_floats" => embed_floats(&client, job).await,
                "embeddings_base64" => embed_base64(&client, job).await,
                "chats" => many_chats(&client, job).await,
                _ => Err(format!("no such task: {task}").into()),
            }
        })
    })
}

fn question() -> Result<CreateChatCompletionRequest> {
    let message = ChatCompletionRequestUserMessage::from("Hello");
    Ok(CreateChatCompletionRequestArgs::default()
        .model("gpt-6-luna")
        .messages([message.into()])
        .build()?)
}

async fn read_stream(client: &Client<OpenAIConfig>) -> Result<usize> {
    let mut events = client.chat().create_stream(question()?).await?;
    let mut count = 0;
    let mut text = String::new();
    while let Some(event) = events.next().await {
        for choice in event?.choices {
            text.push_str(choice.delta.content.as_deref().unwrap_or_default());
        }
        count += 1;
    }
    Ok(count)
}

async fn read_response(client: &Client<OpenAIConfig>) -> Result<usize> {
    let request = CreateResponseArgs::default()
        .model("gpt-6-luna")
        .input("Hello")
        .build()?;
    let mut events = client.responses().create_stream(request).await?;
    let mut count = 0;
    let mut text = String::new();
    while let Some(event) = events.next().await {
        if let ResponseStreamEvent::ResponseOutputTextDelta(delta) = event? {
            text.push_str(&delta.delta);
            count += 1;
        }
    }
    Ok(count)
}

fn texts(job: &Job, format: EncodingFormat) -> Result<CreateEmbeddingRequest> {
    Ok(CreateEmbeddingRequestArgs::default()
        .model("text-embedding-3-small")
        .input(vec!["a river"; job.size])
        .encoding_format(format)
        .build()?)
}

async fn embed_floats(client: &Client<OpenAIConfig>, job: &Job) -> Result<usize> {
    let request = texts(job, EncodingFormat::Float)?;
    Ok(client.embeddings().create(request).await?.data.len())
}

async fn embed_base64(client: &Client<OpenAIConfig>, job: &Job) -> Result<usize> {
    let request = texts(job, EncodingFormat::Base64)?;
    let answer = client.embeddings().create_base64(request).await?;
    let rows: Vec<Vec<f32>> = answer
        .data
        .into_iter()
        .map(|row| row.embedding.into())
        .collect();
    Ok(rows.len())
}

async fn many_chats(client: &Client<OpenAIConfig>, job: &Job) -> Result<usize> {
    let answers: Vec<_> = stream::iter(0..job.size)
        .map(|_| async {
            let answer = client.chat().create(question()?).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(answer)
        })
        .buffer_unordered(MAX_ACTIVE)
        .try_collect()
        .await?;
    Ok(answers.len())
}
