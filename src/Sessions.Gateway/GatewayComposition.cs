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
using Sessions.Gateway.Api.Persons;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Api.Replay;
using Sessions.Gateway.Capture;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Replay;
using Sessions.Gateway.Live;
using Sessions.Gateway.Pages;
using Sessions.Gateway.Pages.Asking;
using Sessions.Gateway.Pages.Frame;
using Sessions.Gateway.Webhooks;
using Sessions.Grains;
using Sessions.Postgres;
using Sessions.Postgres.Queries;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace Sessions.Gateway;

/// <summary>
/// Everything the gateway is made of. The host brings an <c>NpgsqlDataSource</c> and Orleans' cluster client with its
/// dashboard.
/// </summary>
public static class GatewayComposition
{
    private const string ReadyTag = "ready";
    private const string LivePath = "/health/live";

    /// <summary>Registers what the gateway needs.</summary>
    public static IServiceCollection AddSessionsGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        AddOptions<AccessOptions>(services, configuration, "Sessions:Access");
        AddOptions<ApiOptions>(services, configuration, "Sessions:Api");
        services.AddQuerying(configuration);
        services.AddKnownParameters();

        services.AddCapture(configuration);
        services.AddSingleton<FindProject>(provider => provider.GetRequiredService<ProjectDirectory>().FindByToken);

        services.AddProjectCache(configuration, (settings, _) => EventFilter.Of(settings));
        services.AddSingleton<FindFilter>(provider => provider.GetRequiredService<ProjectCache<EventFilter>>().Of);

        services.AddProjectCache(configuration, (settings, _) => settings.Replay);
        services.AddSingleton<FindReplaySettings>(provider => provider.GetRequiredService<ProjectCache<ReplaySettings>>().Of);
        AddOptions<ReplayOptions>(services, configuration, ReplayOptions.Section);
        services.AddSingleton<ReplayBlockWriter>();
        services.AddSingleton<StoreReplay>(provider => provider.GetRequiredService<ReplayBlockWriter>().Write);
        services.AddSingleton<ReplayQueries>();
        services.AddSingleton<ReplayPlayer>();

        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<ApiKeyQueries>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<Audit>();
        services.AddPersonOptions(configuration);
        services.AddSingleton<PersonQueries>();
        services.AddSingleton<PersonRecords>();
        services.AddSingleton<PersonExport>();
        services.AddSingleton<PersonDeleting>();
        services.AddSingleton<ProjectChanges>();
        services.AddSingleton<SessionQueries>();
        services.AddSingleton<LiveQueries>();
        services.AddSingleton<EventQueries>();
        services.AddSingleton<PageKeyQueries>();
        services.AddSingleton<PingQuery>();
        services.AddSingleton<CookielessSaltQueries>();

        services.AddWebhooks(configuration);

        AddOptions<LiveStreamOptions>(services, configuration, LiveStreamOptions.Section);
        services.AddSingleton<LiveHub>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveHub>());

        services.AddSingleton<ProjectDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<ProjectDirectory>());
        AddAccess(services);

        services.AddProblemDetails();
        services.AddExceptionHandler<UnavailableAnswer>();
        services.AddSingleton<SessionCalls>();
        services.AddProjectCache(configuration, (settings, _) => settings);
        services.AddSingleton<Lookers>();
        services.AddSingleton<PageQueries>();
        services.AddSingleton<PageScripts>();
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
        app.UseNotStartedYet(LivePath);
        app.UsePublicAddress();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A body that breaks off or dawdles is the sender's fault.
            StatusCodeSelector = failure => (failure as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        // Here, and not before all else: an endpoint that needs no more than itself is called right after it.
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapCapture();

        RouteGroupBuilder api = app.MapGroup("/api")
            .RequireAuthorization(AccessSchemes.ApiPolicy).RequireFormMark().RefuseUnknownParameters().WithTags("Reading");
        api.MapSessions();
        api.MapReplay();
        api.MapDevices();
        api.MapProject();
        api.MapKeys();
        api.MapWebhooks();
        api.MapPersons();
        api.MapAudit();
        api.MapLiveStream();
        api.MapQuery();
        api.MapSql();
        api.MapWebAnalytics();
        api.MapExport();
        api.MapFallback(ApiDescription.NoSuchCall);

        app.MapPages();
        app.MapOrleansDashboard("/dashboard").RequireAuthorization(AccessSchemes.PagesAdminPolicy).ExcludeFromDescription();
        app.MapOpenApi();
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ReadyTag),
            ResponseWriter = ReadyAnswer.Write,
        });
        return app;
    }

    private static void AddOptions<T>(IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();

    private static void AddAccess(IServiceCollection services)
    {
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AccessSchemes.ApiKey, configureOptions: null)
            .AddCookie(AccessSchemes.Cookie)
            .AddPolicyScheme(AccessSchemes.KeyOrCookie, displayName: null, options =>
            {
                // Who sends a key wants to be judged by it, also when it is wrong.
                options.ForwardDefaultSelector = context => context.Request.Headers.ContainsKey(HeaderNames.Authorization)
                    ? AccessSchemes.ApiKey
                    : AccessSchemes.Cookie;
                options.ForwardChallenge = AccessSchemes.ApiKey;
                options.ForwardForbid = AccessSchemes.ApiKey;
            });
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, SignInCookie>();

        services.AddAuthorizationBuilder()
            .AddPolicy(AccessSchemes.ApiPolicy, Policy(AccessSchemes.KeyOrCookie))
            .AddPolicy(AccessSchemes.ApiAdminPolicy, AdminPolicy(AccessSchemes.KeyOrCookie))
            .AddPolicy(AccessSchemes.PagesPolicy, Policy(AccessSchemes.Cookie))
            .AddPolicy(AccessSchemes.PagesAdminPolicy, AdminPolicy(AccessSchemes.Cookie));

        services.AddAntiforgery(options =>
        {
            options.HeaderName = FormMark.Header;
            options.Cookie.Name = "sessions-form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        // It would warn of every page that says itself that it is not to be kept.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Antiforgery.DefaultAntiforgery", LogLevel.Error));
        services.AddDataProtection().SetApplicationName("Orleans.Sessions");
        // It would warn at the first start that the keys lie in Postgres as they are. So does all that they protect.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddOptions<KeyManagementOptions>().Configure<PageKeyQueries>(
            (options, queries) => options.XmlRepository = new PageKeys(queries));
    }

    private static AuthorizationPolicy Policy(string scheme) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().Build();

    private static AuthorizationPolicy AdminPolicy(string scheme) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().RequireClaim(Caller.RoleClaim, KeyRoles.Admin).Build();

    private static void AddReadiness(IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<PostgresReady>("postgres", tags: [ReadyTag])
            .AddCheck<ClockReady>("clock", tags: [ReadyTag])
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
