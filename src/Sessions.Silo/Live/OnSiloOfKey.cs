using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Sessions.Silo.Live;

/// <summary>Puts a grain on the silo whose address is its key.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnSiloOfKeyAttribute() : PlacementAttribute(new OnSiloOfKey());

/// <summary>The placement strategy of <see cref="OnSiloOfKeyAttribute"/>.</summary>
[GenerateSerializer, Immutable, Alias("sessions.on-silo-of-key")]
internal sealed class OnSiloOfKey : PlacementStrategy;

/// <summary>Finds the silo whose address is the grain's key.</summary>
internal sealed class OnSiloOfKeyDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string key = target.GrainIdentity.Key.ToString()!;
        return Array.Find(context.GetCompatibleSilos(target), silo => silo.ToParsableString() == key) is { } silo
            ? Task.FromResult(silo)
            : Task.FromException<SiloAddress>(new SiloUnavailableException($"There is no silo {key}."));
    }
}
