using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Columns.Asking;
using Sessions.Columns.Serving;

namespace Sessions.Columns;

/// <summary>Registers the process that holds the columns, and the client that asks it.</summary>
public static class ColumnsServices
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = ColumnsMetrics.MeterName;

    /// <summary>Registers what the process needs. The connections to Postgres are registered already.</summary>
    public static IServiceCollection AddSessionsColumns(this IServiceCollection services)
    {
        services.AddOptions<ColumnsOptions>().BindConfiguration(ColumnsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ColumnsClientOptions>().BindConfiguration(ColumnsClientOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ProcessEnd>();
        services.AddSingleton<OpenProjects>();
        services.AddSingleton<ColumnsMetrics>();
        services.AddSingleton<ColumnsEndpoint>();
        services.AddHostedService<ColumnsKeeper>();
        return services;
    }

    /// <summary>Registers the <see cref="ColumnsClient"/>.</summary>
    public static IServiceCollection AddColumnsClient(this IServiceCollection services)
    {
        services.AddOptions<ColumnsClientOptions>().BindConfiguration(ColumnsClientOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ColumnsClient>();
        return services;
    }

    /// <summary>Maps the endpoints of the process.</summary>
    public static IEndpointRouteBuilder MapSessionsColumns(this IEndpointRouteBuilder routes)
    {
        ColumnsEndpoint.Map(routes);
        return routes;
    }
}
