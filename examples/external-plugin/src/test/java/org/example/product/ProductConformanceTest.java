package org.example.product;

import org.offramp.conformance.ConformanceSuite;

/** The plugin keeps every rule of the contract. */
@ConformanceSuite
class ProductConformanceTest {}
