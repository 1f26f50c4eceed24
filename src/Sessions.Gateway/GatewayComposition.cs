using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Dashboard;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Capture;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Pages;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway;

/// <summary>
/// Everything the gateway is made of. The host brings an <c>NpgsqlDataSource</c> and Orleans' cluster client with its
/// dashboard.
/// </summary>
public static class GatewayComposition
{
    private const string ReadyTag = "ready";

    /// <summary>Registers what the gateway needs.</summary>
    public static IServiceCollection AddSessionsGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        AddOptions<AccessOptions>(services, configuration, "Sessions:Access");
        AddOptions<ApiOptions>(services, configuration, "Sessions:Api");
        services.AddQuerying(configuration);

        services.AddCapture(configuration);
        services.AddSingleton<FindProject>(provider => provider.GetRequiredService<ProjectDirectory>().FindByToken);

        services.AddProjectCache(configuration, (settings, _) => EventFilter.Of(settings));
        services.AddSingleton<FindFilter>(provider => provider.GetRequiredService<ProjectCache<EventFilter>>().Of);

        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<SessionQueries>();
        services.AddSingleton<EventQueries>();
        services.AddSingleton<PageKeyQueries>();
        services.AddSingleton<PingQuery>();
        services.AddSingleton<CookielessSaltQueries>();

        services.AddSingleton<ProjectDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<ProjectDirectory>());
        AddAccess(services);

        services.AddProblemDetails();
        services.AddExceptionHandler<UnavailableAnswer>();
        services.AddRazorComponents();
        services.AddOpenApi(ApiDescription.Configure);
        // The log stream would show every project's ids to whoever may see the dashboard.
        services.Configure<DashboardOptions>(options => options.HideTrace = true);
        AddReadiness(services);
        return services;
    }

    /// <summary>Maps everything the gateway answers.</summary>
    public static WebApplication MapSessionsGateway(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapCapture();

        RouteGroupBuilder api = app.MapGroup("/api").RequireAuthorization(AccessSchemes.ApiPolicy).WithTags("Reading");
        api.MapSessions();
        api.MapDevices();
        api.MapProject();
        api.MapQuery();
        api.MapSql();
        api.MapWebAnalytics();
        api.MapExport();
        api.MapFallback(ApiDescription.NoSuchCall);

        app.MapPages();
        app.MapOrleansDashboard("/dashboard").RequireAuthorization(AccessSchemes.PagesPolicy).ExcludeFromDescription();
        app.MapOpenApi();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag) });
        return app;
    }

    private static void AddOptions<T>(IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();

    private static void AddAccess(IServiceCollection services)
    {
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AccessSchemes.ApiKey, configureOptions: null)
            .AddCookie(AccessSchemes.Cookie);
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, SignInCookie>();

        services.AddAuthorizationBuilder()
            .AddPolicy(AccessSchemes.ApiPolicy, Policy(AccessSchemes.ApiKey))
            .AddPolicy(AccessSchemes.PagesPolicy, Policy(AccessSchemes.Cookie));

        services.AddAntiforgery();
        services.AddDataProtection().SetApplicationName("Orleans.Sessions");
        // It would warn at the first start that the keys lie in Postgres as they are. So does all that they protect.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddOptions<KeyManagementOptions>().Configure<PageKeyQueries>(
            (options, queries) => options.XmlRepository = new PageKeys(queries));
    }

    private static AuthorizationPolicy Policy(string scheme) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().Build();

    private static void AddReadiness(IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<PostgresReady>("postgres", tags: [ReadyTag])
            .AddCheck<ClusterReady>("cluster", tags: [ReadyTag]);
        services.AddOptions<HealthCheckServiceOptions>().Configure<IOptions<ApiOptions>>((checks, options) =>
        {
            foreach (HealthCheckRegistration check in checks.Registrations)
            {
                check.Timeout = options.Value.ReadyTimeout;
            }
        });
    }
}
