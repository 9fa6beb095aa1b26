#' Define a tool: an R function that a model can call
#'
#' @description
#' `tool()` turns an R function into a tool. `client$chat$run_tools()` calls the
#' function when the model requests it (see [chat]). In the `tools` of any other
#' call, such as `client$chat$create()` or `client$assistants$create()`, it only
#' describes the function to the model.
#'
#' Arguments arrive in the shapes of their types ([types]). An argument that the
#' model omits, or sends as `null`, is not passed, so the function's default
#' applies. A whole number with more digits than R's numbers can hold arrives as
#' text if its type is a string, and is rejected if its type is a number.
#'
#' The value of the function is sent to the model: a string unchanged,
#' everything else as JSON, in which named vectors and tables are objects. A
#' value that has no JSON form, such as a model fitted by lm(), is sent as
#' print() shows it, with a warning (`openai_tool_warning`). The results of
#' [picture()] and [document()], and plots, alone or in a list with other
#' values, are sent as pictures and documents. `$run_tools_async()` awaits
#' promises.
#'
#' @param ... `fn` and `description`, by position, and the types of the
#'   function's arguments by name, such as `city = type_string()`, instead of or
#'   in addition to `arguments`.
#' @param fn The function.
#' @param description What the function does and when to use it, for the model:
#'   one string.
#' @param arguments The types of the arguments that the model can set, by name:
#'   [types] or prototypes. Arguments without a default must be included. The
#'   model can omit an argument with `required = FALSE`. Put an argument of the
#'   function here if it has the same name as one of `tool()`, such as `name`;
#'   this is not needed if its type is one of [types].
#' @param name Name of the tool for the model: 1 to 64 letters, digits, `_` and
#'   `-`. Defaults to the name of the variable passed as `fn`.
#' @param strict Whether the model's arguments must match the types exactly
#'   (OpenAI's strict mode). Some other servers do not support it.
#' @return An object of class `openai_tool`.
#' @section Errors:
#' `openai_argument_error` if the name, the arguments and the function do not
#' match.
#' @seealso [chat], [types], and
#'   <https://platform.openai.com/docs/guides/function-calling>
#' @examples
#' weather <- function(city, days = 1) paste(city, "has rain for", days, "days.")
#' forecast <- tool(
#'   weather, "Returns the weather of the next days.",
#'   city = type_string("Name of the city"),
#'   days = type_integer(required = FALSE)
#' )
#' forecast
#'
#' # A server on this machine plays the part of the model.
#' server <- local_server()
#' server$reply(body = paste0(
#'   '{"choices":[{"index":0,"finish_reason":"tool_calls","message":{',
#'   '"role":"assistant","content":null,"tool_calls":[{"id":"call_1",',
#'   '"type":"function","function":{"name":"weather",',
#'   '"arguments":"{\\"city\\":\\"Oslo\\",\\"days\\":2}"}}]}}]}'
#' ))
#' server$reply(body = paste0(
#'   '{"choices":[{"index":0,"finish_reason":"stop","message":{',
#'   '"role":"assistant","content":"Take an umbrella."}}]}'
#' ))
#' client <- openai$new("sk-demo", base_url = server$url)
#' answer <- client$chat$run_tools(
#'   list(list(role = "user", content = "How do I dress in Oslo?")),
#'   "gpt-6-luna",
#'   tools = list(forecast)
#' )
#' answer$vres$message$content
#' answer$messages[[3]]
#' server$stop()
#' @export
tool <- function(..., fn, description, arguments = list(), name = NULL,
                 strict = TRUE) {
  # Arguments of the function may have any name, so no argument of `tool()` may
  # be matched partially.
  call <- names(match.call(expand.dots = FALSE))
  named <- mget(tool_fields[tool_fields %in% call])
  fields <- fields_of_tool(list(...), named)
  variable <- if (is.function(named$fn)) {
    substitute(fn)
  } else {
    first_unnamed(as.list(substitute(list(...)))[-1])
  }
  if (is.name(variable)) {
    fields$name <- fields$name %||% as.character(variable)
  }
  do.call(new_tool, fields, quote = TRUE)
}

# The fields of a tool, in the order in which they can be given by position.
tool_fields <- c("fn", "description", "arguments", "name", "strict")

# The fields of a tool: unnamed arguments by position, and `named` ones. Any
# other named argument, and any type, is the type of an argument of the
# function.
fields_of_tool <- function(dots, named) {
  is_type <- vapply(named, inherits, TRUE, what = "openai_type")
  has_name <- nzchar(names(dots) %||% rep("", length(dots)))
  types <- c(dots[has_name], named[is_type])
  fields <- named[!is_type]
  by_place <- dots[!has_name]
  free <- setdiff(tool_fields, names(fields))
  if (length(by_place) > length(free) ||
    any(vapply(by_place, inherits, TRUE, what = "openai_type"))) {
    abort_argument(
      "The type of each argument of the function must be named, such as ",
      "`city = type_string()`."
    )
  }
  fields[free[seq_along(by_place)]] <- by_place
  if (length(types) && is.list(fields$arguments %||% list())) {
    fields$arguments <- c(fields$arguments, types)
  }
  fields
}

first_unnamed <- function(x) {
  unnamed <- x[!nzchar(names(x) %||% rep("", length(x)))]
  if (length(unnamed)) unnamed[[1]]
}

new_tool <- function(fn = NULL, description = NULL, arguments = list(),
                     name = NULL, strict = TRUE) {
  if (!is.function(fn)) {
    abort_argument("`fn` must be a function, not ", describe(fn), ".")
  }
  check_string(description, "description", optional = FALSE)
  check_flag(strict, "strict")
  parameters <- tool_parameters(arguments, formals(args(fn)))
  structure(
    list(
      name = check_tool_name(name),
      description = description,
      fn = fn,
      parameters = parameters,
      schema = type_schema(parameters, strict),
      strict = strict
    ),
    class = "openai_tool"
  )
}

#' @export
print.openai_tool <- function(x, ...) {
  cat(
    "<openai_tool> ", x$name, "(", format_fields(x$parameters$properties),
    ")\n", x$description, "\n",
    sep = ""
  )
  invisible(x)
}

check_tool_name <- function(name) {
  if (is.null(name)) {
    abort_argument("An anonymous function needs the argument `name`.")
  }
  if (!is_string(name) || !grepl("^[A-Za-z0-9_-]{1,64}$", name)) {
    abort_argument(
      "The name of a tool must be 1 to 64 letters, digits, `_` and `-`, not ",
      describe(name), ": set another one with `name`."
    )
  }
  name
}

# The type of the object that a model sends as arguments of a function.
tool_parameters <- function(arguments, formals) {
  if (!is.list(arguments)) {
    abort_argument(
      "`arguments` must be a list of types by name, not ",
      describe(arguments), "."
    )
  }
  parameters <- do.call(type_object, arguments)
  types <- parameters$properties
  unknown <- setdiff(names(types), names(formals))
  if (length(unknown) && !"..." %in% names(formals)) {
    abort_argument("The function has no argument `", unknown[[1]], "`.")
  }
  required <- names(Filter(function(type) type$required, types))
  for (name in setdiff(names(formals), c("...", required))) {
    if (identical(formals[[name]], quote(expr = ))) {
      abort_argument(
        "The argument `", name, "` has no default: ",
        if (name %in% names(types)) {
          "its type must be required."
        } else {
          "describe it in `arguments`."
        }
      )
    }
  }
  parameters
}

# A tool in the form in which the API expects it.
tool_as_sent <- function(tool, is_nested) {
  fields <- list(
    name = tool$name, description = tool$description,
    parameters = tool$schema, strict = tool$strict
  )
  c(type = "function", if (is_nested) list(`function` = fields) else fields)
}

# A bare function cannot be a tool: the model needs its description.
check_wrapped <- function(tools) {
  if (inherits(tools, "openai_tool")) {
    return(invisible())
  }
  is_function <- if (is.list(tools)) {
    vapply(tools, is.function, TRUE)
  } else {
    is.function(tools)
  }
  if (any(is_function)) {
    abort_argument(
      if (is.list(tools)) {
        paste0("`tools[[", which(is_function)[[1]], "]]`")
      } else {
        "`tools`"
      },
      " is a function: wrap it in tool(), such as ",
      "tool(add, \"Adds two numbers.\", a = type_number(), b = type_number())."
    )
  }
}

# One tool, or a list of them, as a list.
as_tools <- function(tools) {
  if (inherits(tools, "openai_tool")) list(tools) else tools
}

# The tools among them by their names.
tools_by_name <- function(tools) {
  tools <- as_tools(tools)
  tools <- if (is.list(tools)) tools else list()
  own <- Filter(function(tool) inherits(tool, "openai_tool"), tools)
  names(own) <- vapply(own, `[[`, "", "name")
  own
}

check_tool_names <- function(tools) {
  names <- names(tools_by_name(tools))
  if (anyDuplicated(names)) {
    abort_argument(
      "Two tools have the name \"", names[duplicated(names)][[1]], "\"."
    )
  }
}
