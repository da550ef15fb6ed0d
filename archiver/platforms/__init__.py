"""Platform adapters, sans-IO: bytes in, requests and observations out."""
