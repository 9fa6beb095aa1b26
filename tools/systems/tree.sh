# Functions to make and enter the tree of another Debian; to be sourced. They expect
# a mount namespace of its own, with which all mounts end, however the script ends.

# make_tree TREE SUITE: runs debootstrap, unless the tree is there.
make_tree() {
  if [ ! -e "$1/made" ]; then
    [ -e "$1/etc/debian_version" ] ||
      debootstrap --variant=minbase --include=ca-certificates "$2" "$1" \
        http://deb.debian.org/debian
    touch "$1/made"
  fi
}

# mount_tree TREE: gives it processes, devices, the crates that are downloaded, and the
# ways of this machine to the archive: names, and what apt and TLS are told.
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

# in_tree TREE COMMAND...: runs a command there, with nothing of this machine's environment.
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
