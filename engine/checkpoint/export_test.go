package checkpoint

// For the tests that use faultfs, which imports this package.
var VerifyOn = verify
