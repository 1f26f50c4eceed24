using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Cookieless;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Gateway.Capture.Places;
using Sessions.Gateway.Capture.Replay;
using Sessions.Gateway.Capture.Sdk;
using Sessions.Gateway.Capture.Tracking;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Capture;

/// <summary>PostHog's wire protocol on a web application.</summary>
public static class CaptureSetup
{
    private static readonly string[] EventPaths = ["/e", "/i/v0/e", "/capture", "/track", "/batch"];
    private const string ReplayPath = "/s";

    private static readonly string[] FlagPaths = ["/flags", "/decide"];

    /// <summary>
    /// Adds what <see cref="MapCapture"/> needs, except a <see cref="FindProject"/>, a <see cref="FindFilter"/>, a
    /// <see cref="FindReplaySettings"/>, a <see cref="StoreReplay"/>, an <see cref="IGrainFactory"/> and
    /// <see cref="CookielessSaltQueries"/>, which the application has.
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
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CaptureOptions>>().Value);
        services.AddSingleton(provider => new BodyBudget(provider.GetRequiredService<CaptureOptions>()));
        services.AddSingleton<BodyReader>();
        services.AddSingleton<GeoIp>();
        services.AddSingleton(provider => new CaptureParser(
            provider.GetRequiredService<CaptureOptions>(),
            provider.GetRequiredService<FindProject>(),
            string.IsNullOrEmpty(provider.GetRequiredService<IOptions<GeoIpOptions>>().Value.File)
                ? null
                : provider.GetRequiredService<GeoIp>().FindCountry));
        services.AddSingleton<ClientAddress>();
        services.AddSingleton<CookielessSalts>();
        services.AddSingleton<FindSalt>(provider => provider.GetRequiredService<CookielessSalts>().Of);
        services.AddSingleton<CookielessEvents>();
        services.AddHostedService<CookielessSaltSweep>();
        services.AddSingleton<Admission>();
        services.AddSingleton<DeviceTracker>();
        services.AddSingleton<CaptureMetrics>();
        services.AddSingleton<EventsEndpoint>();
        services.AddSingleton<SnapshotParser>();
        services.AddSingleton<ReplayEndpoint>();
        services.AddSingleton<SdkEndpoints>();
        services.AddSingleton(provider => new SdkScripts(
            Path.Combine(AppContext.BaseDirectory, "sdk"), provider.GetRequiredService<ILogger<SdkScripts>>()));
        services.TryAddSingleton(typeof(GrainFinder<>));
        services.TryAddSingleton<FindUserDevice>(provider =>
        {
            var devices = provider.GetRequiredService<GrainFinder<IUserDeviceGrain>>();
            return key => devices.Find(key);
        });
        return services;
    }

    /// <summary>Maps the paths of SDKs. Each is there with and without a closing slash.</summary>
    public static IEndpointRouteBuilder MapCapture(this IEndpointRouteBuilder endpoints)
    {
        ReplayEndpoint replay = endpoints.ServiceProvider.GetRequiredService<ReplayEndpoint>();
        EventsEndpoint events = endpoints.ServiceProvider.GetRequiredService<EventsEndpoint>();
        SdkEndpoints sdk = endpoints.ServiceProvider.GetRequiredService<SdkEndpoints>();
        foreach (string path in EventPaths)
        {
            // GET is for image pixels, which carry their event in the query's "data".
            Map(endpoints, path, events.Handle, HttpMethods.Post, HttpMethods.Get);
        }

        Map(endpoints, ReplayPath, replay.Handle, HttpMethods.Post);
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
        // The token in the body is all the permission there is, and nobody's cookies count here.
        endpoints.MapMethods(path, methods, handle).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
        endpoints.MapMethods(path, [HttpMethods.Options], Cors.Preflight).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
    }
}
