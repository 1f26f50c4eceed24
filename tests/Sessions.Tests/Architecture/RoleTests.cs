using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Configuration;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;

namespace Sessions.Tests.Architecture;

/// <summary>A process of a cluster has one role: it registers and starts nothing of the other.</summary>
public sealed class RoleTests
{
    private static readonly Dictionary<string, string?> Decided = new()
    {
        // Nothing is started, so nobody connects to it.
        [RoleConfiguration.Postgres] = "Host=127.0.0.1;Port=1;Database=none;Username=none",
    };

    private static readonly string[] OfSilos = ["Sessions.Silo"];
    private static readonly string[] OfGateways = ["Sessions.Web", "Sessions.Capture"];

    [Fact]
    public void A_gateway_registers_nothing_of_the_silo() =>
        Assert.Empty(Registered(RoleHost.GatewayBuilder(Decided).Services, OfSilos));

    [Fact]
    public void A_silo_registers_nothing_of_the_gateway() =>
        Assert.Empty(Registered(RoleHost.SiloBuilder(Decided).Services, OfGateways));

    [Fact]
    public async Task A_gateway_starts_nothing_of_the_silo()
    {
        await using var gateway = RoleHost.GatewayBuilder(Decided).Build();

        Assert.Empty(Started(gateway, OfSilos));
        // So that the test notices if it looks for the wrong names.
        Assert.NotEmpty(Started(gateway, OfGateways));
    }

    [Fact]
    public void A_silo_starts_nothing_of_the_gateway()
    {
        using IHost silo = RoleHost.SiloBuilder(Decided).Build();

        Assert.Empty(Started(silo, OfGateways));
        Assert.NotEmpty(Started(silo, OfSilos));
    }

    private static IEnumerable<string> Started(IHost host, string[] assemblies) => host.Services.GetServices<IHostedService>()
        .Select(service => service.GetType())
        .Where(type => IsOf(type, assemblies))
        .Select(type => type.FullName!);

    private static IEnumerable<string> Registered(IServiceCollection services, string[] assemblies)
    {
        Assert.NotEmpty(services);
        return services
            // Orleans itself lists the generated serializers of all assemblies beside the program. They run nothing.
            .Where(service => service.ServiceType != typeof(IConfigureOptions<TypeManifestOptions>))
            .Where(service => TypesOf(service).Any(type => IsOf(type, assemblies)))
            .Select(service => $"{service.ServiceType} by {string.Join(", ", TypesOf(service))}");
    }

    /// <summary>What is asked for, and what makes it. A lambda's type is of the assembly that has the lambda.</summary>
    private static IEnumerable<Type> TypesOf(ServiceDescriptor service)
    {
        Type?[] implementation = service.IsKeyedService
            ? [service.KeyedImplementationType, service.KeyedImplementationInstance?.GetType(), DeclaringType(service.KeyedImplementationFactory)]
            : [service.ImplementationType, service.ImplementationInstance?.GetType(), DeclaringType(service.ImplementationFactory)];
        return implementation.OfType<Type>().Append(service.ServiceType);
    }

    private static Type? DeclaringType(Delegate? factory) => factory?.Method.DeclaringType;

    /// <summary>Whether the type or one of its type arguments, as in <c>IOptions&lt;T&gt;</c>, is of one of the assemblies.</summary>
    private static bool IsOf(Type type, string[] assemblies) =>
        assemblies.Contains(type.Assembly.GetName().Name) || type.GenericTypeArguments.Any(argument => IsOf(argument, assemblies));
}
