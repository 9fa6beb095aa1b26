#' Tools: R functions that a model may call
#'
#' @description
#' Makes of an R function a tool for `client$chat$run_tools()`, which calls it
#' when the model asks for it (see [chat]), and for the `tools` of any other
#' call, such as `client$chat$create()` or `client$assistants$create()`, which
#' only tells the model about it.
#'
#' Arguments arrive in the shapes of their types ([types]); one that the model
#' leaves out, or gives as `null`, is not passed, so that the function's default
#' holds. A whole number of more digits than R's numbers hold arrives as text
#' where the type is a string, and is refused where it is a number.
#'
#' What the function returns goes to the model: a string as it is, anything else
#' as JSON, in which named vectors and tables are objects. What has no form in
#' JSON, such as a model that lm() fitted, goes as print() shows it, with a
#' warning (`openai_tool_warning`). A promise is awaited by
#' `$run_tools_async()`.
#'
#' @param ... `fn` and `description`, given by their places, and the types of
#'   the function's arguments by their names, `city = type_string()`, instead of
#'   or beside `arguments`.
#' @param fn The function.
#' @param description What it does and when to use it, for the model: one
#'   string.
#' @param arguments The types of the arguments that the model may give, by name:
#'   [types] or prototypes. Arguments without default must be among them. One
#'   with `required = FALSE` may be left out by the model. An argument of the
#'   function that is called as one of [tool()], such as `name`, belongs here,
#'   unless its type is one of [types].
#' @param name The name that the model sees: 1 to 64 letters, digits, `_` and
#'   `-`. By default the name of the variable that `fn` is.
#' @param strict Whether the model's arguments must fit the types exactly
#'   (OpenAI's strict mode); some other servers do not know it.
#' @return An object of class `openai_tool`.
#' @section Errors:
#' `openai_argument_error` where name, arguments and function do not fit.
#' @seealso [chat], [types], and
#'   <https://platform.openai.com/docs/guides/function-calling>
#' @examples
#' weather <- function(city, days = 1) paste(city, "has rain for", days, "days.")
#' forecast <- tool(
#'   weather, "Tells the weather of the next days.",
#'   city = type_string("Name of the city"),
#'   days = type_integer(required = FALSE)
#' )
#' forecast
#'
#' # The model's part is played by a server on this machine.
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
  # Arguments of the function may have any name, so that none of `tool()` may be
  # matched by a part of its name.
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

# What describes a tool, in the order in which it may be given without names.
tool_fields <- c("fn", "description", "arguments", "name", "strict")

# The fields of a tool: what was given without a name, by place; what was given
# as `named`. Any other is the type of an argument, and any type is.
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
      "The type of each argument of the function needs the argument's name, ",
      "such as `city = type_string()`."
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
    abort_argument("A function without a name needs the argument `name`.")
  }
  if (!is_string(name) || !grepl("^[A-Za-z0-9_-]{1,64}$", name)) {
    abort_argument(
      "The name of a tool must be 1 to 64 letters, digits, `_` and `-`, not ",
      describe(name), ": give another as `name`."
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

# A tool as the API wants it.
tool_as_sent <- function(tool, is_nested) {
  fields <- list(
    name = tool$name, description = tool$description,
    parameters = tool$schema, strict = tool$strict
  )
  c(type = "function", if (is_nested) list(`function` = fields) else fields)
}

# Functions are no tools before the model is told what they do.
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
