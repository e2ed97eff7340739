"""The root key in a PKCS#11 token."""


class Pkcs11Provider:
    pass
