using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Client.Projects;

/// <summary>Registers the cache of projects' settings.</summary>
internal static class ProjectServices
{
    /// <summary>Registers a <see cref="ProjectCache{T}"/>.</summary>
    internal static IServiceCollection AddProjectCache<T>(
        this IServiceCollection services, IConfiguration configuration, Func<ProjectSettings, IServiceProvider, T> make)
    {
        services.AddOptions<ProjectOptions>()
            .Bind(configuration.GetSection(ProjectOptions.Section))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProjectOptions>, AnnotationCheck<ProjectOptions>>());
        services.AddSingleton(provider =>
        {
            IGrainFactory grains = provider.GetRequiredService<IGrainFactory>();
            return new ProjectCache<T>(
                project => grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get(),
                settings => make(settings, provider),
                provider.GetRequiredService<IOptions<ProjectOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ProjectCache<T>>>());
        });
        services.AddHostedService(provider => provider.GetRequiredService<ProjectCache<T>>());
        return services;
    }
}
