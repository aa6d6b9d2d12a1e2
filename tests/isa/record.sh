#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records the oracle's results of every row anew.  usage: record.sh SOURCE-DIR BUILD-DIR
# Rows on which we differ are recorded too (the oracle's answer); see README.md before you commit such a thing.
set -eu
src=$1 build=$2
mkdir -p "$src/tests/isa/vectors"
rm -f "$src/tests/isa/vectors/"*.vec
exec "$src/tests/isa/live.sh" "$src" "$build" --cases 200 --record "$src/tests/isa/vectors"
