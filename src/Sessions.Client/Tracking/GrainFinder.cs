using Orleans.GrainReferences;

namespace Sessions.Client.Tracking;

/// <summary>
/// Makes references to grains of one kind. Like <c>IGrainFactory.GetGrain</c>, but that reads the interface's
/// attributes with every call, which costs more than the rest of a request's grain call.
/// </summary>
/// <typeparam name="TGrain">The grains' interface.</typeparam>
internal sealed class GrainFinder<TGrain>(IGrainFactory grains, GrainReferenceActivator references)
    where TGrain : IGrainWithStringKey
{
    private GrainReference? _any;

    /// <summary>The reference to the grain with this key.</summary>
    public TGrain Find(string key)
    {
        // Orleans knows the implementing class only when it is connected to the cluster.
        GrainReference any = _any ??= (GrainReference)(object)grains.GetGrain<TGrain>(key);
        return (TGrain)(object)references.CreateReference(GrainId.Create(any.GrainId.Type, key), any.InterfaceType);
    }
}
