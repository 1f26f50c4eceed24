using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
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
using Sessions.Capture;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Filtering;
using Sessions.Capture.Quotas;
using Sessions.Capture.Replay;
using Sessions.Client.Projects;
using Sessions.Database.Persons;
using Sessions.Domain.Quotas;
using Sessions.Queries;
using Sessions.Queries.Persons;
using Sessions.Queries.ReplayShares;
using Sessions.Queries.SignIns;
using Sessions.Web.Access;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Browsing;
using Sessions.Web.Docs;
using Sessions.Web.Exporting;
using Sessions.Web.Grains;
using Sessions.Web.Keys;
using Sessions.Web.Layout;
using Sessions.Web.Live;
using Sessions.Web.Persons;
using Sessions.Web.Projects;
using Sessions.Web.Replay;
using Sessions.Web.Replay.Sharing;
using Sessions.Web.SignIn;
using Sessions.Web.UserSql;
using Sessions.Web.Webhooks;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace Sessions.Web;

/// <summary>
/// Registers and maps all parts of the gateway. The host provides an <c>NpgsqlDataSource</c> and Orleans' cluster
/// client with its dashboard.
/// </summary>
public static class GatewayComposition
{
    private const string ReadyTag = "ready";

    /// <summary>The path that says that the process runs.</summary>
    internal const string LivePath = "/health/live";

    /// <summary>Registers the gateway's services.</summary>
    public static IServiceCollection AddSessionsGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        AddOptions<AccessOptions>(services, configuration, AccessOptions.Section);
        AddOptions<ApiOptions>(services, configuration, "Sessions:Api");
        services.AddQuerying(configuration);
        services.AddKnownParameters();

        services.AddCapture(configuration);
        services.AddSingleton<ITokenDirectory>(provider => provider.GetRequiredService<ProjectDirectory>());
        services.AddProjectCache(configuration, (settings, _) => EventFilter.Of(settings));
        services.AddProjectCache(configuration, (settings, _) => settings.Replay);
        services.AddProjectCache(configuration, (settings, _) => QuotaLimits.Of(settings));
        services.AddSingleton<QuotaQueries>();
        AddOptions<ReplayOptions>(services, configuration, ReplayOptions.Section);
        services.AddSingleton<ReplayBlockWriter>();
        services.AddSingleton<ReplayQueries>();
        services.AddSingleton<ReplayPlayer>();
        services.AddSingleton<ReplayCheck>();
        services.AddSingleton<ReplayShareQueries>();
        services.AddSingleton<ReplayShares>();

        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<ApiKeyQueries>();
        services.AddSingleton<UnknownAccessQuery>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyCheck>());
        services.AddSingleton<SignInQueries>();
        services.AddSingleton<SignInTickets>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<Audit>();
        services.AddSingleton<OneTimeNotes>();
        services.AddPersonOptions(configuration);
        services.AddSingleton<PersonQueries>();
        services.AddSingleton<PersonRecords>();
        services.AddSingleton<PersonLookup>();
        services.AddSingleton<PersonExport>();
        services.AddSingleton<PersonDeleting>();
        services.AddSingleton<ProjectChanges>();
        services.AddSingleton<ProjectMaking>();
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

        // Before ASP.NET's own writer, which would send JSON to browsers.
        services.AddSingleton<IProblemDetailsWriter, PageProblems>();
        services.AddProblemDetails();
        services.AddExceptionHandler<UnavailableAnswer>();
        services.AddSingleton<SessionCalls>();
        services.AddProjectCache(configuration, (settings, _) => settings);
        services.AddSingleton<PageContextFactory>();
        services.AddSingleton<GrainSearch>();
        services.AddSingleton<QueryAnswers>();
        services.AddSingleton<PageAssets>();
        services.AddPageCompression();
        services.AddSingleton<WarmStart>();
        services.AddHostedService(provider => provider.GetRequiredService<WarmStart>());
        services.AddRazorComponents();
        services.AddOpenApi(ApiDescription.Configure);
        services.ConfigureHttpJsonOptions(options => DescribeTypes(options.SerializerOptions));
        // The log stream would show the ids of all projects to everyone with access to the dashboard.
        services.Configure<DashboardOptions>(options => options.HideTrace = true);
        AddReadiness(services);
        return services;
    }

    /// <summary>Registers the types of all features, with their JSON names, for the API's description.</summary>
    private static void DescribeTypes(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        foreach (IJsonTypeInfoResolver types in (IJsonTypeInfoResolver[])
            [
                KeyJsonContext.Default, ProjectListJsonContext.Default, WebhookJsonContext.Default, PersonJsonContext.Default, SessionJsonContext.Default,
                ReplayShareJsonContext.Default, QueryJsonContext.Default, QueryResultJson.Default, WebAnalyticsJson.Default, SqlJsonContext.Default,
            ])
        {
            options.TypeInfoResolverChain.Insert(0, types);
        }
    }

    /// <summary>Maps all endpoints of the gateway.</summary>
    public static WebApplication MapSessionsGateway(this WebApplication app)
    {
        app.UseNotStartedYet(LivePath);
        app.UsePublicAddress();
        app.UseSecurityHeaders();
        app.UsePageCompression();
        app.UsePageTroubles();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A body that breaks off or arrives too slowly is the sender's fault.
            StatusCodeSelector = failure => (failure as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        app.Use(app.Services.GetRequiredService<WarmStart>().Before);
        // Here and not earlier, because short-circuit endpoints run right after the routing.
        app.UseRouting();
        app.UsePagePatience();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseDashboardBar();

        app.MapCapture();

        RouteGroupBuilder api = app.MapGroup("/api")
            .RequireAuthorization(AccessSchemes.ApiPolicy).RefuseEmbedding().RequireFormMark().RefuseUnknownParameters().WithTags("Reading");
        api.MapSessions();
        api.MapReplay();
        api.MapReplayShares();
        api.MapDevices();
        api.MapProject();
        api.MapProjects();
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

        MapPages(app);
        app.MapOrleansDashboard(DashboardBar.Dashboard).RequireAuthorization(AccessSchemes.PagesOperatorPolicy).ExcludeFromDescription();
        app.MapOpenApi();
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ReadyTag),
            ResponseWriter = ReadyAnswer.Write,
        });
        return app;
    }

    private static void MapPages(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder open = endpoints.MapGroup("").RefuseEmbedding().ExcludeFromDescription().WithMetadata(new PageMark());
        open.AddEndpointFilter(PageAnswers.Guard);
        open.MapSignIn();
        open.MapSharedReplay();
        RouteGroupBuilder frames = endpoints.MapGroup("").ExcludeFromDescription();
        frames.AddEndpointFilter(PageAnswers.Guard);
        frames.MapSharedFrame();

        RouteGroupBuilder all = endpoints.MapGroup("").RequireAuthorization(AccessSchemes.PagesPolicy).ExcludeFromDescription();
        all.AddEndpointFilter(PageAnswers.Guard);
        all.MapReplayFrame();
        RouteGroupBuilder pages = all.MapGroup("").RefuseEmbedding().WithMetadata(new PageMark());
        pages.MapAnalyticsPages();
        pages.MapSuggestions();
        pages.MapSqlPage();
        pages.MapLivePage();
        pages.MapBrowse();
        pages.MapReplayData();
        pages.MapReplayShareForms();
        pages.MapProjectPages();
        pages.MapProjectsPage();
        pages.MapGrainPages();
        pages.MapWebhookPages();
        pages.MapPrivacy();
        pages.MapDocs();

        endpoints.MapGet("/assets/{name}", (string name, HttpContext context, PageAssets assets) => assets.Send(context, name))
            .ExcludeFromDescription();
        endpoints.MapGet("/favicon.ico", (HttpContext context) => PageAssets.SendIcon(context)).ExcludeFromDescription();
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
                // A request with a key is authenticated by it, also when the key is wrong.
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
            .AddPolicy(AccessSchemes.PagesAdminPolicy, AdminPolicy(AccessSchemes.Cookie))
            .AddPolicy(AccessSchemes.ApiOperatorPolicy, Policy(AccessSchemes.KeyOrCookie, KeyRoles.Operator))
            .AddPolicy(AccessSchemes.PagesOperatorPolicy, Policy(AccessSchemes.Cookie, KeyRoles.Operator));

        services.AddAntiforgery(options =>
        {
            options.HeaderName = FormMark.Header;
            options.Cookie.Name = "sessions-form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        // It would log a warning for every page that sets its own caching headers.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Antiforgery.DefaultAntiforgery", LogLevel.Error));
        services.AddDataProtection().SetApplicationName("Orleans.Sessions");
        // It would warn at the first start that Postgres stores the keys unencrypted. Postgres stores everything that
        // they protect in the same way.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddOptions<KeyManagementOptions>().Configure<PageKeyQueries>(
            (options, queries) => options.XmlRepository = new PageKeys(queries));
    }

    private static AuthorizationPolicy Policy(string scheme) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().Build();

    private static AuthorizationPolicy AdminPolicy(string scheme) => Policy(scheme, KeyRoles.Admin, KeyRoles.Operator);

    private static AuthorizationPolicy Policy(string scheme, params string[] roles) =>
        new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().RequireClaim(Caller.RoleClaim, roles).Build();

    private static void AddReadiness(IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<PostgresReady>("postgres", tags: [ReadyTag])
            .AddCheck<ClockReady>("clock", tags: [ReadyTag])
            .AddCheck<ClusterReady>("cluster", tags: [ReadyTag])
            .AddCheck<DiskReady>("disk", tags: [ReadyTag])
            .AddCheck<ConcernsReady>("concerns", tags: [ReadyTag]);
        services.AddOptions<HealthCheckServiceOptions>().Configure<IOptions<ApiOptions>>((checks, options) =>
        {
            foreach (HealthCheckRegistration check in checks.Registrations)
            {
                check.Timeout = options.Value.ReadyTimeout;
            }
        });
    }
}
