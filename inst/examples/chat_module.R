# A Shiny app with a chat, whose model uses tools to read data and change the app.
# Needs OPENAI_API_KEY. Run it with
# file <- system.file("examples", "chat_module.R", package = "openaistream")
# shiny::runApp(file)

library(shiny)
library(openaistream)

client <- openai$new()

ui <- function(request) {
  fluidPage(
    titlePanel("Ask about the cars"),
    sidebarLayout(
      sidebarPanel(
        selectInput("y", "Plotted", setdiff(names(mtcars), "wt")),
        plotOutput("plot", height = "16rem"),
        actionButton("explain", "Explain the plot"),
        textOutput("used")
      ),
      mainPanel(chat_ui("chat", title = "Cars", height = "80vh"))
    )
  )
}

server <- function(input, output, session) {
  draw <- function(y) plot(mtcars$wt, mtcars[[y]], xlab = "wt", ylab = y)
  output$plot <- renderPlot(draw(input$y))

  choose <- tool(
    function(column) {
      updateSelectInput(session, "y", selected = column)
      paste("The app now plots", column, "by weight.")
    },
    "Changes which column the app plots by weight.",
    name = "choose", column = type_enum(setdiff(names(mtcars), "wt"))
  )
  summarise <- tool(
    function(column) as.list(summary(mtcars[[column]])),
    "Summary of a column of the data.",
    name = "summarise", column = type_enum(names(mtcars))
  )
  chat <- chat_server(
    "chat", client, "gpt-6-luna",
    system = "You explain the data set mtcars of R.",
    tools = list(choose, summarise)
  )

  observeEvent(input$explain, {
    chat$ask(paste("What does the plot of", input$y, "by weight show?"))
  })
  output$used <- renderText({
    use <- chat$usage()
    if (!is.null(use)) paste(sum(use$input_tokens, use$output_tokens), "tokens")
  })

  # The URL of the window restores the conversation.
  observeEvent(chat$last_answer(), session$doBookmark())
  onBookmarked(updateQueryString)
}

shinyApp(ui, server, enableBookmarking = "server")
