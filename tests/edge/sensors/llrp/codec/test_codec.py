"""Our LLRP codec against another one: each reads what the other writes as it was meant."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llrpkit.protocol import decode_message, impinj, messages, params

from edge.errors import BadFrame, DeviceUnavailable
from edge.sensors.llrp.codec import capabilities, requests
from edge.sensors.llrp.codec.answers import (
    AntennaChanged,
    ConnectionAttempted,
    ConnectionClosed,
    GpiChanged,
    ReaderComplained,
    check_status,
    notices,
)
from edge.sensors.llrp.codec.rospec import Inventory, rospec
from edge.sensors.llrp.codec.wire import Kind, Vendor, message
from tests.edge.sensors.llrp.emulator import reader


def body_of(other: messages.LLRPMessage) -> bytes:
    return bytes(other.to_bytes(message_id=1))[10:]


def wanted(**more: object) -> Inventory:
    return Inventory(**({"number": 1, "antennas": (), "session": 1, "population": 32, "vendor": 0} | more))  # type: ignore[arg-type]


def decoded_rospec(inventory: Inventory) -> params.ROSpec:
    found = decode_message(message(Kind.ADD_ROSPEC, 1, rospec(inventory)))
    assert isinstance(found, messages.ADD_ROSPEC)
    return found.ro_spec


def test_rospec_asks_for_one_report_a_read_with_all_that_phase_work_needs() -> None:
    report = decoded_rospec(wanted()).ro_report_spec
    assert report is not None
    assert (int(report.ro_report_trigger), report.n) == (1, 1)
    selector = report.tag_report_content_selector
    assert selector.enable_antenna_id
    assert selector.enable_channel_index
    assert selector.enable_peak_rssi
    assert selector.enable_first_seen_timestamp
    assert not selector.enable_ro_spec_id
    assert selector.air_protocol_epc_memory_selectors[0].enable_pc_bits


def test_rospec_has_antennas_session_mode_and_power() -> None:
    spec = decoded_rospec(wanted(antennas=(1, 3), session=2, population=9, mode=1002, transmitter=(1, 0, 17)))
    inventory = spec.spec_parameters[0]
    assert isinstance(inventory, params.AISpec)
    assert inventory.antenna_ids == [1, 3]
    antenna = inventory.inventory_parameter_specs[0].antenna_configurations[0]
    assert antenna.rf_transmitter is not None
    assert (antenna.rf_transmitter.hop_table_id, antenna.rf_transmitter.transmit_power) == (1, 17)
    command = antenna.air_protocol_inventory_command_settings[0]
    assert command.c1_g2_rf_control is not None
    assert command.c1_g2_rf_control.mode_index == 1002
    control = command.c1_g2_singulation_control
    assert control is not None
    assert (int(control.session), control.tag_population) == (2, 9)


def test_impinj_rospec_has_dual_target_and_low_level_data() -> None:
    spec = decoded_rospec(wanted(vendor=Vendor.IMPINJ))
    assert spec.ro_report_spec is not None
    selector = spec.ro_report_spec.custom[0]
    assert isinstance(selector, impinj.ImpinjTagReportContentSelector)
    assert selector.impinj_enable_rf_phase_angle is not None
    assert selector.impinj_enable_peak_rssi is not None
    assert selector.impinj_enable_rf_doppler_frequency is not None
    inventory = spec.spec_parameters[0]
    assert isinstance(inventory, params.AISpec)
    antenna = inventory.inventory_parameter_specs[0].antenna_configurations[0]
    search = antenna.air_protocol_inventory_command_settings[0].custom[0]
    assert isinstance(search, impinj.ImpinjInventorySearchMode)
    assert int(search.inventory_search_mode) == 2


def test_config_sets_keepalive_events_inputs_and_region() -> None:
    found = decode_message(message(Kind.SET_READER_CONFIG, 1, requests.config(5000, [2], 10)))
    assert isinstance(found, messages.SET_READER_CONFIG)
    assert not found.reset_to_factory_default
    assert found.keepalive_spec is not None
    assert found.keepalive_spec.periodic_trigger_value == 5000
    assert [(port.gpi_port_num, port.config) for port in found.gpi_port_current_states] == [(2, True)]
    assert found.events_and_reports is not None
    assert not found.events_and_reports.hold_events_and_reports_upon_reconnect
    region = found.custom[0]
    assert isinstance(region, impinj.ImpinjSubRegulatoryRegion)
    assert int(region.regulatory_region) == 10


def test_extensions_are_switched_on_by_the_vendors_message() -> None:
    found = decode_message(message(Kind.CUSTOM_MESSAGE, 1, requests.enable_impinj()))
    assert isinstance(found, impinj.IMPINJ_ENABLE_EXTENSIONS)


def test_capabilities_of_a_hopping_reader() -> None:
    found = capabilities.parse(body_of(reader()._capabilities_response()))
    assert (found.vendor, found.model, found.n_antennas) == (Vendor.IMPINJ, 700, 4)
    assert found.firmware == "llrpkit-emu 0.1"
    assert (found.freq_mhz[0], found.freq_mhz[-1], len(found.freq_mhz)) == (902.75, 927.25, 50)
    assert (found.power_dbm[1], found.power_dbm[21]) == (10.0, 30.0)
    assert found.power_index(27.9) == 18
    assert found.power_index(9.9) is None
    assert 1002 in found.modes


def test_capabilities_of_a_reader_with_fixed_frequencies() -> None:
    response = reader()._capabilities_response()
    band = response.regulatory_capabilities.uhf_band_capabilities
    band.frequency_information = params.FrequencyInformation(
        hopping=False, fixed_frequency_table=params.FixedFrequencyTable(frequency=[865_700, 866_300])
    )
    found = capabilities.parse(body_of(response))
    assert (found.hop_table, found.freq_mhz) == (0, (865.7, 866.3))


@pytest.mark.parametrize(
    ("event", "notice"),
    [
        ({"gpi_event": params.GPIEvent(gpi_port_number=2, gpi_event=True)}, GpiChanged(2, True, 77)),
        ({"antenna_event": params.AntennaEvent(event_type=0, antenna_id=3)}, AntennaChanged(3, False)),
        ({"connection_attempt_event": params.ConnectionAttemptEvent(status=2)}, ConnectionAttempted(2)),
        ({"connection_close_event": params.ConnectionCloseEvent()}, ConnectionClosed()),
        ({"reader_exception_event": params.ReaderExceptionEvent(message="hot")}, ReaderComplained("hot")),
    ],
)
def test_notifications_are_understood(event: dict[str, object], notice: object) -> None:
    data = params.ReaderEventNotificationData(timestamp=params.UTCTimestamp(microseconds=77), **event)
    assert notices(body_of(messages.READER_EVENT_NOTIFICATION(reader_event_notification_data=data))) == [
        notice
    ]


def test_refusal_is_told_in_the_readers_words() -> None:
    status = params.LLRPStatus(status_code=100, error_description="no such port")
    with pytest.raises(DeviceUnavailable, match="refuses SET_READER_CONFIG: 100 no such port"):
        check_status(body_of(messages.SET_READER_CONFIG_RESPONSE(llrp_status=status)), "SET_READER_CONFIG")


@given(st.binary(max_size=80), st.integers(0, 400), st.integers(0, 255))
def test_any_bytes_are_capabilities_or_a_bad_frame(data: bytes, place: int, value: int) -> None:
    whole = bytearray(body_of(reader()._capabilities_response()))
    whole[place % len(whole)] = value
    for body in (data, bytes(whole)):
        for parse in (capabilities.parse, notices):
            with suppress(BadFrame):
                parse(body)
