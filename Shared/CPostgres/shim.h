/* libpq, PostgreSQL's own client library: connections, pipelines, TLS, URIs. */
#include <libpq-fe.h>
