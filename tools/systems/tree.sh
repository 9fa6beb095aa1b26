# Functions to create and enter the tree of another Debian release; to be sourced. They
# must run in a separate mount namespace, so that all mounts end with the script.

# create_tree TREE SUITE: runs debootstrap, unless the tree exists.
create_tree() {
  if [ ! -e "$1/created" ]; then
    [ -e "$1/etc/debian_version" ] ||
      debootstrap --variant=minbase --include=ca-certificates "$2" "$1" \
        http://deb.debian.org/debian
    touch "$1/created"
  fi
}

# mount_tree TREE: mounts processes, devices and downloaded crates, and copies this
# machine's settings for name resolution, apt and TLS.
mount_tree() {
  registry=${CARGO_HOME:-$HOME/.cargo}/registry
  mkdir -p "$registry" "$1/root/.cargo/registry" "$1/usr/local/share/ca-certificates"
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount --bind "$registry" "$1/root/.cargo/registry"
  cp /etc/hosts /etc/resolv.conf "$1/etc/"
  apt-config dump Acquire 2>/dev/null | grep -E '^Acquire::(https?::|Check-)' \
    >"$1/etc/apt/apt.conf.d/80machine" || true
  cp /etc/ssl/certs/ca-certificates.crt "$1/usr/local/share/ca-certificates/machine.pem"
}

# in_tree TREE COMMAND...: runs a command in the tree without this machine's environment.
in_tree() {
  entered=$1
  shift
  env -i HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive OPENAISTREAM_DEBUG="${OPENAISTREAM_DEBUG:-}" \
    SSL_CERT_FILE=/usr/local/share/ca-certificates/machine.pem \
    CARGO_HTTP_CAINFO=/usr/local/share/ca-certificates/machine.pem \
    PIP_CERT=/usr/local/share/ca-certificates/machine.pem \
    chroot "$entered" "$@"
}
