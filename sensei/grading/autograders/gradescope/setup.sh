#!/usr/bin/env bash
# Gradescope's autograder of the path, first half: installs what marking needs.
#
# In a clone of the path, with all that you want to be graded committed, this makes the file
# to upload, in which both halves lie at the top and the path around them:
#
#     at=sensei/grading/autograders/gradescope
#     git archive -o autograder.zip --add-file=$at/setup.sh --add-file=$at/run_autograder HEAD
#
set -euo pipefail
cd /autograder/source
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -m venv /autograder/venv
pip="/autograder/venv/bin/python -m pip install --no-cache-dir"
# Without the gigabytes of CUDA.
$pip --no-deps --index-url https://download.pytorch.org/whl/cpu "$(grep '^torch==' constraints.txt)"
$pip -c constraints.txt -e .
