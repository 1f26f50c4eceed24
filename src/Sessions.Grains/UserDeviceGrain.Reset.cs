using Sessions.Domain;

namespace Sessions.Grains;

// How somebody ends the live session: whichever it is, or a certain one.
internal sealed partial class UserDeviceGrain
{
    public async Task<Session?> Reset()
    {
        OpenDevice device = await OpenWithoutIdle();
        return device.Timeline.Live is { } live ? await Reset(device, live) : null;
    }

    public async Task<Session?> Reset(Guid sessionId)
    {
        OpenDevice device = await OpenWithoutIdle();
        if (device.Timeline.Live is { } live && live.SessionId == sessionId)
        {
            return await Reset(device, live);
        }

        // It was asked before, and whoever asked got no answer.
        return device.Timeline.Find(sessionId) is { EndReason: EndReason.Reset } ? await Read(sessionId) : null;
    }

    /// <summary>A session that has idled already ends for that, as it would have a moment ago.</summary>
    private async Task<OpenDevice> OpenWithoutIdle()
    {
        OpenDevice device = await Open();
        await EndIdle(device);
        return device;
    }

    private async Task<Session?> Reset(OpenDevice device, KnownSession live)
    {
        DateTimeOffset now = Now;
        if (await End(device, live, EndReason.Reset, now > live.End ? now : live.End) != EndVerdict.Ended)
        {
            return null;
        }

        await StandDownWhenIdle(device);
        return await Read(live.SessionId);
    }
}
