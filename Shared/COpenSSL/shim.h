/* libcrypto, which librabbitmq brings anyway: hashes and comparisons in constant time. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
