# Managed by Tandem: changes by hand are found and reported.
set -eu
cd /srv/nas
printf '%s\0' "$(stat --file-system --format='%S %b %a' .)"
exec nice -n 19 ionice -c 3 du --null --block-size=1 --one-file-system --max-depth=3 .
