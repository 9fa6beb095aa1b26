#!/bin/sh
# Downloads the JavaScript libraries of the chat app from npm into
# inst/shiny/chat/www/lib: sh tools/chat_libraries.sh. To update a library, change
# its version and integrity (npm view <name> version dist.integrity), and its
# version in inst/COPYRIGHTS.
set -eu

library="inst/shiny/chat/www/lib"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$library"

# add <folder> <name>@<version> <integrity> <file>[=<new name>]...
add() {
  folder="$library/$1"
  integrity="sha512-$(cd "$work" && file=$(npm pack --silent "$2") &&
    openssl dgst -sha512 -binary "$file" | base64 -w 0 &&
    mkdir -p "$1" && tar -xzf "$file" -C "$1" && rm "$file")"
  if [ "$integrity" != "$3" ]; then
    echo "$2 has another integrity than expected: $integrity" >&2
    exit 1
  fi
  mkdir -p "$folder"
  source="$work/$1/package"
  shift 3
  for file in "$@"; do
    from="${file%%=*}"
    to="${file#*=}"
    cp "$source/$from" "$folder/$(basename "$to")"
  done
  chmod -R u=rwX,go=rX "$folder"
}

# Renamed to .js, because some file servers do not know the media type of .mjs.
add markdown-it markdown-it@15.0.3 \
  sha512-+Az7Ojz3iRGu8KYMvJ6xVhvrxP3eE+vEtJX75Ow88XBpcQNV/0lGX5ZynIIBftREo4DC2jsveAMDaeltmm8QvQ== \
  dist/browser/markdown-it.esm.min.mjs=markdown-it.min.js LICENSE
add dompurify dompurify@3.5.0 \
  sha512-LYC0ZkE8P1V42JsRYTwMdme/2ET8SpOc5AA2eOFjP/IadvRd2fwiT4TVz5vkfy0XUx12aS2UaRkTnfVPNOv9vw== \
  dist/purify.min.js LICENSE
add highlight.js @highlightjs/cdn-assets@11.12.0 \
  sha512-KvOKXODaiFmId9xaq3xc5xCL66wVLUuOngDbO9B/kewbFTqdGbn2nJxNhN3H5R1cgDTVj6R8vH0zgiNDEGjpDw== \
  es/highlight.min.js LICENSE
add katex katex@0.19.1 \
  sha512-jG8uKntjSEcm2EpQOh0XturpPuuC9r3Sq5HLHdsFdWZT27E672SF19QEi+of0/YeOy15lDgRhKvr5614uRrEfA== \
  dist/katex.min.js dist/katex.min.css LICENSE
mkdir "$library/katex/fonts"
cp "$work"/katex/package/dist/fonts/*.woff2 "$library/katex/fonts/"
