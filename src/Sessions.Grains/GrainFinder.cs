using Orleans.GrainReferences;

namespace Sessions.Grains;

/// <summary>
/// Refers to grains of one kind by their keys. The same as <c>IGrainFactory.GetGrain</c>, which looks at the
/// interface's attributes at every call; on the path of each request that costs more than the rest of the call.
/// </summary>
/// <typeparam name="TGrain">The grains' interface.</typeparam>
public sealed class GrainFinder<TGrain>(IGrainFactory grains, GrainReferenceActivator references)
    where TGrain : IGrainWithStringKey
{
    private GrainReference? _any;

    /// <summary>The grain that has the key, in memory or not.</summary>
    public TGrain Find(string key)
    {
        // Which class of grains implements it is known once the cluster is.
        GrainReference any = _any ??= (GrainReference)(object)grains.GetGrain<TGrain>(key);
        return (TGrain)(object)references.CreateReference(GrainId.Create(any.GrainId.Type, key), any.InterfaceType);
    }
}
