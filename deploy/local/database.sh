# Where the services of `make run` keep their data: SQLite files under .run/data, or with
# REFUND_DATABASE=postgres a private PostgreSQL with a database for each. Sourced by services.sh.

readonly database=${REFUND_DATABASE:-sqlite}
case $database in
sqlite | postgres) ;;
*) fail "REFUND_DATABASE is '$database'; write sqlite or postgres" ;;
esac

# Each service reads its database's URL, with its password, from a file of its own.
start_database() {
    [ $database = postgres ] || return 0
    local service name
    say "Starting a private PostgreSQL"
    deploy/local/install.sh postgres 9>&-
    deploy/local/postgres.sh start "$run/postgres" 9>&-
    mkdir -p "$run/urls"
    for service in "${services[@]}"; do
        name=${service//-/_}
        deploy/local/postgres.sh create "$run/postgres" "$name" 9>&-
        (umask 077
            . "$run/postgres/env"
            echo "$POSTGRES_URL/$name" >"$run/urls/$service.database")
    done
}

# Variables of that service, one a line.
database_variables() {
    [ $database = postgres ] || return 0
    echo "DATABASE_URL_FILE=$run/urls/$1.database"
}

stop_database() { [ ! -d "$run/postgres" ] || deploy/local/postgres.sh stop "$run/postgres" 9>&-; }
