package org.example.product;

import java.util.List;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;

/** Brings one exit policy. */
public final class ProductPlugin implements StrategyPlugin {
    @Override
    public String name() {
        return "product-of-experts";
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of(new ProductOfExperts());
    }
}
