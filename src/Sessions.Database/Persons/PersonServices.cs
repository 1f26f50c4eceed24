using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Sessions.Database.Persons;

/// <summary>Registers the options of deletions of persons.</summary>
public static class PersonServices
{
    /// <summary>
    /// Registers the options of deletions of persons, for silos, which delete, and gateways, which request deletions.
    /// </summary>
    public static IServiceCollection AddPersonOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PersonOptions>()
            .Bind(configuration.GetSection(PersonOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services;
    }
}
