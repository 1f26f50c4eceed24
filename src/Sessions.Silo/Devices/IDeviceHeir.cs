using Orleans.Concurrency;
using Sessions.Domain.Folding;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Devices;

/// <summary>
/// A device that receives a session from another device, because the person of the anonymous device was identified, or
/// because the other device's events make an idle session live again.
/// </summary>
[Alias("sessions.IDeviceHeir")]
internal interface IDeviceHeir : IGrainWithStringKey
{
    /// <summary>
    /// Announces a session that will be handed over. The device registers its reminder before it owns the session, so
    /// that no live session lacks a reminder if a process dies in between. The method interleaves, because two devices
    /// may hand over sessions to each other.
    /// </summary>
    /// <param name="erasureGeneration">
    /// The generation of <see cref="IForgottenPersons"/> with which the events were checked.
    /// </param>
    /// <returns>False when persons were erased after that generation: the caller must check its events again.</returns>
    [AlwaysInterleave, Alias("Expect")]
    Task<bool> Expect(long erasureGeneration);

    /// <summary>Makes the device the owner of the session.</summary>
    [AlwaysInterleave, Alias("Inherit")]
    Task Inherit(SessionStanding standing);
}

/// <summary>A device whose sessions were changed from outside, because a person was deleted.</summary>
[Alias("sessions.IDeviceRecall")]
internal interface IDeviceRecall : IGrainWithStringKey
{
    /// <summary>
    /// Reads the device's sessions again. Without a live session, the device removes its reminder and leaves memory.
    /// Completes when the reminder's removal is durable.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    [Alias("Recall")]
    Task Recall();
}
