using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>Registers the services that store and send webhooks.</summary>
internal static class WebhooksSetup
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WebhookOptions>()
            .Bind(configuration.GetSection(WebhookOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<WebhookDeliveryQueries>();
        services.AddSingleton<WebhookDispatch>();
        services.AddSingleton<ProjectWebhooks>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookMetrics>();
        services.AddHostedService<WebhookDispatcher>();
        services.AddSingleton<WebhookUpkeep>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookUpkeep>());
        return services;
    }
}
