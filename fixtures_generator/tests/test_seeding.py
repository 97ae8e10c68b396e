from fixtures_generator.seeding import mix, salt


def test_salt_is_the_same_everywhere() -> None:
    assert salt(1, "quantities") == 4237727086269761231


def test_seeds_and_purposes_have_different_salts() -> None:
    salts = {salt(seed, purpose) for seed in (-1, 0, 1, 2**70) for purpose in ("a", "b")}
    assert len(salts) == 8
    assert all(0 <= number < 2**64 for number in salts)


def test_mix_is_splitmix64() -> None:
    # The first two outputs of the published generator for seed 0.
    gamma = 0x9E3779B97F4A7C15
    assert mix(gamma) == 0xE220A8397B1DCDAF
    assert mix(2 * gamma) == 0x6E789E6AA1B965F4


def test_neighbours_are_scattered() -> None:
    tops = [mix(number) >> 60 for number in range(1600)]
    assert all(70 <= tops.count(top) <= 130 for top in range(16))
