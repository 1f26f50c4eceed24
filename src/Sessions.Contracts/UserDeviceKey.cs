using System.Security.Cryptography;
using System.Text;

namespace Sessions;

/// <summary>
/// Names one person on one device or browser within a project: the <c>$device_id</c>, else the <c>distinct_id</c>. It
/// converts to the string key of an <c>IUserDeviceGrain</c>.
/// </summary>
/// <remarks>
/// A reminder's grain id has 150 characters at most. So a device name of more than <see cref="MaxDeviceLength"/>
/// characters is replaced by its hash. Two names never share a key, because a name that looks like a hash is hashed
/// too.
/// </remarks>
[GenerateSerializer, Immutable, Alias("sessions.user-device-key")]
public readonly record struct UserDeviceKey
{
    /// <summary>The longest device name that is not replaced by its hash, in characters.</summary>
    public const int MaxDeviceLength = 80;

    private const char Separator = '~';
    private const char HashMark = '#';

    private UserDeviceKey(string project, string device)
    {
        Project = project;
        Device = device;
    }

    /// <summary>The project's id: 1 to 40 characters of <c>a-z 0-9 - _</c>.</summary>
    [Id(0)]
    public string Project { get; }

    /// <summary>The device's name, or its hash when the name is long.</summary>
    [Id(1)]
    public string Device { get; }

    /// <summary>
    /// The key of a user-device. The ids are trimmed like the ids of events: see <see cref="IdText"/>.
    /// </summary>
    /// <param name="project">The project's id.</param>
    /// <param name="distinctId">The person's id; used when there is no device id.</param>
    /// <param name="deviceId">The device's id, when the client sends one.</param>
    /// <exception cref="ArgumentException">The project is malformed, or both ids are blank.</exception>
    public static UserDeviceKey Create(string project, string distinctId, string? deviceId = null)
    {
        ProjectId.Check(project);
        return new UserDeviceKey(project, DeviceOf(IdText.Trim(distinctId) ?? "", IdText.Trim(deviceId)));
    }

    /// <summary>The key of a device whose <see cref="Device"/> is known.</summary>
    /// <param name="project">The project's id.</param>
    /// <param name="device">A <see cref="Device"/>, which may be a hash already.</param>
    /// <exception cref="ArgumentException">The project is malformed, or the device is empty.</exception>
    public static UserDeviceKey OfDevice(string project, string device)
    {
        ProjectId.Check(project);
        ArgumentException.ThrowIfNullOrEmpty(device);
        return new UserDeviceKey(project, device);
    }

    /// <summary>
    /// The <see cref="Device"/> that ids name. The ids are not trimmed: the ids of stored events say which device took
    /// them, also when an older version stored the ids untrimmed.
    /// </summary>
    /// <exception cref="ArgumentException">Both ids are empty.</exception>
    public static string DeviceOf(string distinctId, string? deviceId = null)
    {
        string name = string.IsNullOrEmpty(deviceId) ? distinctId : deviceId;
        if (string.IsNullOrEmpty(name))
        {
            throw new ArgumentException("A user-device needs a distinct id or a device id.", nameof(distinctId));
        }

        return NeedsHash(name) ? Hash(name) : name;
    }

    /// <summary>Parses a key that <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not a user-device key.</exception>
    public static UserDeviceKey Parse(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        int at = grainKey.IndexOf(Separator, StringComparison.Ordinal);
        if (at <= 0 || at == grainKey.Length - 1 || !ProjectId.IsValid(grainKey.AsSpan(0, at)))
        {
            throw new FormatException($"'{grainKey}' is no user-device key; make one with UserDeviceKey.Create.");
        }

        return new UserDeviceKey(grainKey[..at], grainKey[(at + 1)..]);
    }

    /// <summary>The grain's string key.</summary>
    public override string ToString() => $"{Project}{Separator}{Device}";

    /// <summary>Converts the key to the grain's string key.</summary>
    public static implicit operator string(UserDeviceKey key) => key.ToString();

    private static bool NeedsHash(string name)
    {
        if (name.Length > MaxDeviceLength || name[0] == HashMark)
        {
            return true;
        }

        foreach (char c in name)
        {
            // Control characters and surrogates are not safe everywhere a key is used (logs, Postgres, URLs).
            if (char.IsControl(c) || char.IsSurrogate(c))
            {
                return true;
            }
        }

        return false;
    }

    private static string Hash(string name) =>
        HashMark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
