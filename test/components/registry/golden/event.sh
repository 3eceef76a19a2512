# Managed by Tandem: changes by hand are found and reported.
length=0
while read -r header value rest; do
  [ "${#header}" -gt 1 ] || break
  case ${header,,} in content-length:) length=${value%$'\r'} ;; esac
done
if head --bytes "$length" | jq --raw-output '.events[] | select(.action == "push" and .target.tag) | "\(.target.repository) \(.target.tag)"' > /run/registry/queue
then code='200 OK'; else code='500 Internal Server Error'; fi
printf 'HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$code"
