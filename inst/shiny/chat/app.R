# Run with shiny::runApp(system.file("shiny/chat", package = "openaistream")).
openaistream::chat_app()
