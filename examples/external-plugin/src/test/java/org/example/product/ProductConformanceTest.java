package org.example.product;

import java.util.stream.Stream;
import org.offramp.conformance.ExitPolicyConformance;
import org.offramp.conformance.PolicySubject;

/** The policy passes every rule of the contract's group P. */
class ProductConformanceTest extends ExitPolicyConformance {
    @Override
    protected Stream<PolicySubject<?>> subjects() {
        return PolicySubject.allOf(new ProductPlugin());
    }
}
