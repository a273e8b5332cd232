#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails when a static library refers to what its layer must not know.
# Usage: purity.sh translation|machines LIBRARY
#   translation: no peer, no socket, file, clock, log, environment, loop or chance.
#   machines:    no socket, TLS, clock, loop or chance; of sofia-sip only its message parser.
set -eu

layer=$1
library=$2

# Extended regular expressions over whole symbol names. __x_chk and x64 are what the compiler makes of x.
sockets='socket|socketpair|connect|bind|listen|accept4?|send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg|getaddrinfo|gethostbyname.*|getnameinfo|poll|ppoll|select|epoll_.*|g_socket_.*|g_network_.*|g_tcp_.*|g_tls_.*|g_io_stream_.*|g_resolver_.*|res_.*'
clocks='clock_gettime|clock_nanosleep|time|gettimeofday|ftime|nanosleep|usleep|sleep|localtime(_r)?|g_get_real_time|g_get_monotonic_time|g_get_current_time|g_date_time_new_now.*|g_usleep|g_timer_.*|su_now|su_time.*|sip_now|msg_now'
loops='g_main_.*|g_timeout_.*|g_idle_.*|g_source_.*|g_thread_.*|pthread_create|fork|vfork|exec.*|posix_spawn.*|g_spawn_.*|system|popen'
chance='g_random_.*|g_rand_.*|g_uuid_.*|rand(om)?(_r)?|srand(om)?|[dlmjn]+rand48|getrandom|getentropy|arc4random.*|RAND_.*|su_randint|su_randmem'
tls='SSL_.*|TLS_.*|X509_.*|EVP_.*|BIO_.*|ERR_.*'
files='fopen(64)?|fdopen|freopen(64)?|open(64)?|openat(64)?|creat(64)?|read|pread(64)?|write|pwrite(64)?|unlink|rename|mkdir|stat(64)?|opendir|mmap(64)?|g_file_.*|g_open|g_fopen|g_mkdir.*|g_unlink|g_rename|g_dir_.*|g_mapped_file_.*'
logs='g_log.*|g_print(err)?|v?f?printf|puts|fputs|putchar|fputc|fwrite|perror|v?syslog|sd_journal_.*|v?dprintf'
environment='(secure_)?getenv|setenv|putenv|g_getenv|g_setenv|g_get_environ|g_get_user_.*|g_get_home_dir|gethostname|g_get_host_name'
sofia='sip_.*|su_.*|msg_.*|nua_.*|nta_.*|nea_.*|tport_.*|url_.*|sdp_.*|sofia_.*|sres_.*'
agents='nua_.*|nta_.*|nea_.*|tport_.*|sres_.*|su_root_.*|su_timer_.*|su_wait_.*|su_port_.*|su_socket.*|su_clone_.*'
others='xmpp_.*|sqlite3_.*'

case $layer in
translation)
    forbidden="$sockets|$clocks|$loops|$chance|$tls|$files|$logs|$environment|$sofia|$others"
    ;;
machines)
    forbidden="$sockets|$clocks|$loops|$chance|$tls|$files|$environment|$agents|$others"
    ;;
*)
    echo "purity.sh: unknown layer '$layer'" >&2
    exit 2
    ;;
esac

# Without symbols the answer would be worth nothing.
symbols=$(nm -u "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u)
if [ -z "$symbols" ]; then
    echo "purity.sh: no symbols in $library" >&2
    exit 2
fi

found=$(printf '%s\n' "$symbols" | sed -e 's/^__\(.*\)_chk$/\1/' -e 's/^__isoc99_//' -e 's/^__\(open.*\)_2$/\1/' |
    grep -Ex "$forbidden" || true)
if [ -n "$found" ]; then
    echo "$layer ($library) refers to what it must not know:"
    for symbol in $found; do
        echo "  $symbol"
        nm -Au "$library" | grep -E " (__)?$symbol(_chk|_2)?(@.*)?\$" | sed 's/^/    /' || true
    done
    exit 1
fi
echo "$layer: $(printf '%s\n' "$symbols" | wc -l) symbols, none forbidden"
