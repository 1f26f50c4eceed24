using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Capture.Body;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Disk;
using Sessions.Capture.Parsing;
using Sessions.Capture.Places;
using Sessions.Capture.Quotas;
using Sessions.Capture.Replay;
using Sessions.Capture.Sdk;
using Sessions.Capture.Tracking;
using Sessions.Client.Tracking;

namespace Sessions.Capture;

/// <summary>Adds PostHog's wire protocol to a web application.</summary>
public static class CaptureSetup
{
    private static readonly string[] EventPaths = ["/e", "/i/v0/e", "/capture", "/track", "/batch"];
    private const string ReplayPath = "/s";

    private static readonly string[] FlagPaths = ["/flags", "/decide"];

    /// <summary>
    /// Adds the services of <see cref="MapCapture"/>. The application itself provides an
    /// <see cref="ITokenDirectory"/>, an <see cref="IGrainFactory"/>, a <see cref="ReplayBlockWriter"/>,
    /// <see cref="CookielessSaltQueries"/>, <see cref="QuotaQueries"/>, and the caches of projects' filters, replay settings and
    /// limits.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The application's configuration; options are in its <see cref="CaptureOptions.Section"/>.</param>
    public static IServiceCollection AddCapture(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CaptureOptions>()
            .Bind(configuration.GetSection(CaptureOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddOptions<GeoIpOptions>()
            .Bind(configuration.GetSection(GeoIpOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddOptions<QuotaOptions>()
            .Bind(configuration.GetSection(QuotaOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddOptions<DiskOptions>()
            .Bind(configuration.GetSection(DiskOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CaptureOptions>>().Value);
        services.AddSingleton(provider => new BodyBudget(provider.GetRequiredService<CaptureOptions>()));
        services.AddSingleton<BodyReader>();
        services.AddSingleton<GeoIp>();
        services.AddSingleton<CaptureParser>();
        services.AddSingleton<ClientAddress>();
        services.AddSingleton<CookielessSalts>();
        services.AddSingleton<CookielessEvents>();
        services.AddHostedService<CookielessSaltSweep>();
        services.AddSingleton<Admission>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<QuotaOptions>>().Value);
        services.AddSingleton<ProjectQuotas>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<QuotaExchange>(provider, Guid.NewGuid()));
        services.TryAddSingleton<IDiskMeter, DiskMeter>();
        services.AddSingleton(provider => new DiskWatch(
            provider.GetRequiredService<IOptions<DiskOptions>>().Value,
            provider.GetRequiredService<IDiskMeter>(),
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DiskWatch>>()));
        services.AddHostedService(provider => provider.GetRequiredService<DiskWatch>());
        services.TryAddSingleton(typeof(GrainFinder<>));
        services.TryAddSingleton(provider =>
        {
            var devices = provider.GetRequiredService<GrainFinder<IUserDeviceGrain>>();
            return new DeviceTracker(
                key => devices.Find(key),
                provider.GetRequiredService<CaptureOptions>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<DeviceTracker>>(),
                provider.GetService<TrackNear>());
        });
        services.AddSingleton<CaptureMetrics>();
        services.AddSingleton<SnapshotParser>();
        services.AddSingleton<UnknownTokens>();
        services.AddSingleton<CapturePipeline>();
        services.AddSingleton<CaptureEndpoint>();
        services.AddSingleton<SdkEndpoints>();
        services.AddSingleton(provider => new SdkScripts(
            Path.Combine(AppContext.BaseDirectory, "sdk"), provider.GetRequiredService<ILogger<SdkScripts>>()));
        return services;
    }

    /// <summary>Maps the paths that SDKs call. Each works with and without a closing slash.</summary>
    public static IEndpointRouteBuilder MapCapture(this IEndpointRouteBuilder endpoints)
    {
        CaptureEndpoint capture = endpoints.ServiceProvider.GetRequiredService<CaptureEndpoint>();
        SdkEndpoints sdk = endpoints.ServiceProvider.GetRequiredService<SdkEndpoints>();
        foreach (string path in EventPaths)
        {
            // GET is for image pixels, which carry their event in the query's "data".
            Map(endpoints, path, capture.Events, HttpMethods.Post, HttpMethods.Get);
        }

        Map(endpoints, ReplayPath, capture.Recordings, HttpMethods.Post);
        foreach (string path in FlagPaths)
        {
            Map(endpoints, path, sdk.Flags, HttpMethods.Post);
        }

        Map(endpoints, "/array/{token}/config", sdk.Config, HttpMethods.Get);
        Map(endpoints, "/array/{token}/config.js", sdk.ConfigScript, HttpMethods.Get);
        Map(endpoints, "/array/{token}/array.js", sdk.ArrayScript, HttpMethods.Get, HttpMethods.Head);
        Map(endpoints, "/static/{file}", sdk.Script, HttpMethods.Get, HttpMethods.Head);
        Map(endpoints, "/static/{version}/{file}", sdk.Script, HttpMethods.Get, HttpMethods.Head);
        return endpoints;
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, RequestDelegate handle, params string[] methods)
    {
        // The token in the body is the only permission. Cookies are ignored.
        endpoints.MapMethods(path, methods, handle).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
        endpoints.MapMethods(path, [HttpMethods.Options], Cors.Preflight).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
    }
}
