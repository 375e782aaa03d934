package com.example.shop;

import io.github.cdkdrydock.ExistingRepository;
import io.github.cdkdrydock.LifecycleRule;
import io.github.cdkdrydock.PreviewGate;
import io.github.cdkdrydock.PreviewGateOptions;
import io.github.cdkdrydock.Repository;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.PolicyStatement;

/**
 * A team takes its grown repository {@code shop/api} into a stack, gives it retention, and lets the staging account pull.
 *
 * <p>The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected
 * one says first what must stay.
 */
public final class RetentionApp {
    private static final List<LifecycleRule> CARELESS = List.of(
            LifecycleRule.builder().description("keep the last 100 images").maxImageCount(100).build());

    private static final List<LifecycleRule> CORRECTED = List.of(
            LifecycleRule.builder()
                    .description("what runs")
                    .tagPatternList(List.of("production"))
                    .protect(true)
                    .build(),
            LifecycleRule.builder()
                    .description("supported releases")
                    .tagPatternList(List.of("*.*.*"))
                    .maxImageCount(150)
                    .build(),
            LifecycleRule.builder()
                    .description("leftovers of builds")
                    .tagPatternList(List.of("build-*"))
                    .maxImageAge(Duration.days(180))
                    .build());

    private RetentionApp() {
    }

    public static void main(final String[] args) {
        App app = new App();
        boolean careless = "careless".equals(app.getNode().tryGetContext("variant"));
        Stack stack = new Stack(app, "Shop", StackProps.builder()
                .env(Environment.builder().account("123456789012").region("us-east-1").build())
                .build());
        Repository repository = Repository.Builder.create(stack, "Api")
                .repositoryName("shop/api")
                .existing(ExistingRepository.ADOPT)
                .imageScanOnPush(true)
                .lifecycleRules(careless ? CARELESS : CORRECTED)
                .previewGate(PreviewGate.of(PreviewGateOptions.builder()
                        .maxExpiringImages(300)
                        .protectPulledWithin(Duration.days(30))
                        .build()))
                .build();
        repository.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("StagingPulls")
                .principals(List.of(new AccountPrincipal("210987654321")))
                .actions(List.of("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"))
                .build());
        CfnOutput.Builder.create(stack, "RepositoryUri").value(repository.getRepositoryUri()).build();
        app.synth();
    }
}
